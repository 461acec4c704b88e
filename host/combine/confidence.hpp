// SPDX-License-Identifier: MIT
#pragma once
// How sure a combined verdict is: never a mean across dissent, and never more for knowing less.

#include "host/combine/vote.hpp"
#include "host/core/combiner_settings.hpp"
#include "host/core/verdict.hpp"

#include <cstdint>
#include <span>

namespace microengine::combine {

/// Whether this vote is on the side of the verdict. A malicious vote supports "suspicious".
[[nodiscard]] bool agrees(const Vote& vote, core::Verdict verdict);

enum class Counting : std::uint8_t { heads, weights };
/// The confidence of those who agree, over the whole electorate; rounded half up.
[[nodiscard]] core::BasisPoints share_of_confidence(std::span<const Vote> votes, core::Verdict verdict,
                                                    Counting counting);

struct Certainty {
    core::BasisPoints confidence = 0;
    bool set = false;   ///< every agreeing voter set its own, or has a default_confidence
};
[[nodiscard]] Certainty certainty(const core::CombinerSettings& settings, std::span<const Vote> votes,
                                  core::Verdict verdict);

}   // namespace microengine::combine
