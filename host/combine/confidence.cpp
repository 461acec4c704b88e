// SPDX-License-Identifier: MIT
#include "host/combine/confidence.hpp"

#include "host/combine/strategy.hpp"

#include <algorithm>

namespace microengine::combine {

using core::Verdict;

bool agrees(const Vote& vote, Verdict verdict) {
    switch (verdict) {
        case Verdict::malicious:
            return vote.kind == Vote::Kind::malicious;
        case Verdict::suspicious:
            return vote.accuses();
        case Verdict::benign:
            return vote.kind == Vote::Kind::benign;
        case Verdict::unknown:
            break;
    }
    return false;
}

core::BasisPoints share_of_confidence(std::span<const Vote> votes, Verdict verdict, Counting counting) {
    std::uint64_t agreeing = 0;
    std::uint64_t electorate = 0;
    for (const Vote& vote : votes) {
        if (!vote.spoke() && !vote.is_open()) continue;
        const std::uint64_t weight = counting == Counting::weights ? vote.weight : 1;
        electorate += weight;
        if (agrees(vote, verdict)) agreeing += weight * vote.confidence;
    }
    if (electorate == 0) return 0;
    return static_cast<core::BasisPoints>((2 * agreeing + electorate) / (2 * electorate));
}

Certainty certainty(const core::CombinerSettings& settings, std::span<const Vote> votes, Verdict verdict) {
    if (verdict == Verdict::unknown) return {};
    Certainty found{.confidence = rule_of(settings.strategy).confidence(votes, verdict), .set = true};
    for (const Vote& vote : votes) {
        if (!agrees(vote, verdict)) continue;
        found.set &= vote.confidence_set;
        if (vote.veto && vote.kind == Vote::Kind::malicious)
            found.confidence = std::max(found.confidence, vote.confidence);
    }
    return found;
}

}   // namespace microengine::combine
