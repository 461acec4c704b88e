// SPDX-License-Identifier: MIT
// majority: more than half of the electorate, the missing included.

#include "host/combine/confidence.hpp"
#include "host/combine/strategy.hpp"

namespace microengine::combine {

namespace {

using core::Verdict;

Verdict majority_level(const core::CombinerSettings& settings, const Tally& tally) {
    const std::uint32_t malicious = 2 * tally.malicious;
    const std::uint32_t accusers = 2 * tally.accusers;
    if (malicious > tally.voters) return Verdict::malicious;
    if (malicious == tally.voters && settings.on_tie == Verdict::malicious) return Verdict::malicious;
    if (accusers > tally.voters) return Verdict::suspicious;
    if (accusers == tally.voters && settings.on_tie != Verdict::benign) return Verdict::suspicious;
    return Verdict::benign;
}

double majority_score(const Tally& tally) { return double(tally.malicious) / double(tally.voters); }

double majority_contribution(const Vote& vote, const Tally& tally) {
    return vote.kind == Vote::Kind::malicious ? 1.0 / double(tally.voters) : 0.0;
}

core::BasisPoints majority_confidence(std::span<const Vote> votes, Verdict verdict) {
    return share_of_confidence(votes, verdict, Counting::heads);
}

}   // namespace

constinit const Rule kMajority{.level = majority_level,
                               .score = majority_score,
                               .contribution = majority_contribution,
                               .confidence = majority_confidence,
                               .missing_in_score = true};

}   // namespace microengine::combine
