// SPDX-License-Identifier: MIT
// weighted: the guilty share of all force. A vote has the force weight × confidence, so unused confidence
// counts for nobody. Scores are compared by cross-multiplying integers: ties are exact.

#include "host/combine/confidence.hpp"
#include "host/combine/strategy.hpp"

namespace microengine::combine {

namespace {

using core::Verdict;

Verdict weighted_level(const core::CombinerSettings& settings, const Tally& tally) {
    // score = doubled_guilt / (2 · force), and thresholds are ten-thousandths.
    const std::uint64_t guilt = tally.doubled_guilt * core::kCertain;
    const std::uint64_t bar = 2 * tally.force * settings.threshold;
    const std::uint64_t suspicious_bar = tally.force * settings.doubled_suspicious_threshold();
    if (tally.malicious > 0) {
        if (guilt > bar) return Verdict::malicious;
        if (guilt == bar && settings.on_tie == Verdict::malicious) return Verdict::malicious;
    }
    // A tie that goes to suspicious needs no case of its own: its bar is never above the other.
    return tally.accusers > 0 && guilt >= suspicious_bar ? Verdict::suspicious : Verdict::benign;
}

double weighted_score(const Tally& tally) { return double(tally.doubled_guilt) / double(2 * tally.force); }

double weighted_contribution(const Vote& vote, const Tally& tally) {
    if (!vote.accuses()) return 0.0;
    Tally own;
    own.add(vote.kind == Vote::Kind::malicious ? Verdict::malicious : Verdict::suspicious, vote.confidence,
            vote);
    return double(own.doubled_guilt) / double(2 * tally.force);
}

core::BasisPoints weighted_confidence(std::span<const Vote> votes, Verdict verdict) {
    return share_of_confidence(votes, verdict, Counting::weights);
}

}   // namespace

constinit const Rule kWeighted{.level = weighted_level,
                               .score = weighted_score,
                               .contribution = weighted_contribution,
                               .confidence = weighted_confidence,
                               .missing_in_score = false};

}   // namespace microengine::combine
