// SPDX-License-Identifier: MIT
#pragma once
// The one rule around every strategy. Whatever an open vote turns out to be, an abstention included, lies
// between "benign, sure" and "malicious, sure"; so two calls of level() bound all that could still come, and
// silence is never a vote for benign.

#include "host/combine/strategy.hpp"
#include "host/combine/vote.hpp"
#include "host/core/combiner_settings.hpp"

#include <cstdint>
#include <span>

namespace microengine::combine {

struct Interval {
    Tally low;                                            ///< every open vote at its best
    Tally high;                                           ///< every open vote at its worst
    Tally seen;                                           ///< the open votes left out
    core::Verdict low_verdict = core::Verdict::unknown;   ///< unknown: there is no electorate
    core::Verdict high_verdict = core::Verdict::unknown;
    std::uint32_t benign = 0;      ///< complete benign votes
    std::uint32_t open = 0;        ///< missing and pending
    bool required_unmet = false;   ///< a required backend did not find it benign
};
[[nodiscard]] Interval interval_of(const core::CombinerSettings& settings, std::span<const Vote> votes);
/// The same votes as if nobody had a veto.
[[nodiscard]] Interval without_vetoes(const core::CombinerSettings& settings, Interval interval);

struct Judgement {
    core::Verdict verdict = core::Verdict::unknown;
    core::UnknownBecause reason = core::UnknownBecause::none;
    bool incomplete = false;   ///< suspicious at least, perhaps malicious
};
[[nodiscard]] Judgement judge(const core::CombinerSettings& settings, const Interval& interval);

}   // namespace microengine::combine
