// SPDX-License-Identifier: MIT
// any: one hit is enough, and benign needs everybody who did not abstain.

#include "host/combine/confidence.hpp"
#include "host/combine/strategy.hpp"

#include <algorithm>

namespace microengine::combine {

namespace {

using core::Verdict;

Verdict any_level(const core::CombinerSettings& /*settings*/, const Tally& tally) {
    if (tally.malicious > 0) return Verdict::malicious;
    return tally.accusers > 0 ? Verdict::suspicious : Verdict::benign;
}

double any_score(const Tally& tally) {
    if (tally.malicious > 0) return 1.0;
    return tally.accusers > 0 ? 0.5 : 0.0;
}

/// What it would bring about alone.
double any_contribution(const Vote& vote, const Tally& /*tally*/) {
    if (vote.kind == Vote::Kind::malicious) return 1.0;
    return vote.accuses() ? 0.5 : 0.0;
}

/// The surest accuser, but the least sure of those who found nothing.
core::BasisPoints any_confidence(std::span<const Vote> votes, Verdict verdict) {
    const bool benign = verdict == Verdict::benign;
    core::BasisPoints confidence = benign ? core::kCertain : 0;
    for (const Vote& vote : votes)
        if (agrees(vote, verdict))
            confidence =
                benign ? std::min(confidence, vote.confidence) : std::max(confidence, vote.confidence);
    return confidence;
}

}   // namespace

constinit const Rule kAny{.level = any_level,
                          .score = any_score,
                          .contribution = any_contribution,
                          .confidence = any_confidence,
                          .missing_in_score = false};

}   // namespace microengine::combine
