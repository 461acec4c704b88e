// SPDX-License-Identifier: GPL-2.0-only
#pragma once
// What a name that ClamAV reports stands for. Not every "virus found" is one: ClamAV says with the same
// callback that it gave up at a limit or met an encrypted member. Pure functions, any thread.

#include <cstdint>
#include <optional>
#include <string_view>

namespace microengine::clamav {

/// How weak signs count: the operator's settings.
struct Policy {
    std::int32_t heuristics_as;      ///< ME_SUSPICIOUS or ME_MALICIOUS
    std::int32_t pua_as;             ///< likewise
    bool encrypted_is_a_detection;   ///< else an encrypted member is information only
};

struct Meaning {
    std::int32_t verdict;                        ///< ME_UNKNOWN: information, no sign of malice
    std::optional<std::uint32_t> partial = {};   ///< ME_PARTIAL_*: what stayed unexamined, and why
};

[[nodiscard]] Meaning meaning_of(std::string_view name, const Policy& policy);

/// The family inside a name: `Win.Trojan.Agent-1234-0` → `Agent`; a name without dots is its own family; else
/// empty. A view into `name`.
[[nodiscard]] std::string_view family_of(std::string_view name);

}   // namespace microengine::clamav
