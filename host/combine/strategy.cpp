// SPDX-License-Identifier: MIT
#include "host/combine/strategy.hpp"

#include <algorithm>

namespace microengine::combine {

using core::Verdict;

void Tally::add(Verdict said, core::BasisPoints confidence, const Vote& vote) {
    // Confidence 0 still has a little force: a vote is never nothing.
    const std::uint64_t own = std::uint64_t{vote.weight} * std::max(confidence, core::BasisPoints{1});
    ++voters;
    force += own;
    if (said == Verdict::benign) return;
    ++accusers;
    doubled_guilt += own;
    required_accuses |= vote.required;
    if (said == Verdict::suspicious) return;
    ++malicious;
    doubled_guilt += own;
    vetoed |= vote.veto;
}

const Rule& rule_of(core::Strategy strategy) {
    switch (strategy) {
        case core::Strategy::any:
            return kAny;
        case core::Strategy::majority:
            return kMajority;
        case core::Strategy::weighted:
            break;
    }
    return kWeighted;
}

Verdict level(const core::CombinerSettings& settings, const Tally& tally) {
    if (tally.vetoed) return Verdict::malicious;
    const Verdict found = rule_of(settings.strategy).level(settings, tally);
    return found == Verdict::benign && tally.required_accuses ? Verdict::suspicious : found;
}

}   // namespace microengine::combine
