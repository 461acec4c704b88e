// SPDX-License-Identifier: MIT
#pragma once
// The outcomes of a run, as a table or as JSON. Pure; any thread.

#include "host/frontends/ambassador/check.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace microengine::ambassador {

struct CheckResult {
    const Check* check = nullptr;   ///< of all_checks()
    Outcome outcome;
};

[[nodiscard]] std::string table_of(std::span<const CheckResult> results, std::uint64_t seed);
[[nodiscard]] std::string json_of(std::span<const CheckResult> results, std::uint64_t seed);
[[nodiscard]] std::size_t count_of(std::span<const CheckResult> results, Status status);

}   // namespace microengine::ambassador
