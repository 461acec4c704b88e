// SPDX-License-Identifier: MIT
#include "host/combine/naming.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

namespace microengine::combine {

using core::Verdict;

const core::Detection* leading_detection(const core::ScanResult& result) {
    const core::Detection* best = nullptr;
    std::pair<int, core::BasisPoints> most{core::severity(Verdict::unknown), 0};
    for (const core::Detection& detection : result.detections) {
        const std::pair rank{core::severity(detection.verdict),
                             detection.confidence.value_or(result.effective_confidence())};
        if (rank.first <= core::severity(Verdict::unknown)) continue;
        if (best != nullptr && rank <= most) continue;
        best = &detection;
        most = rank;
    }
    return best;
}

const core::Detection* name_giver(std::span<const core::ScanResult> results, std::span<const Vote> votes) {
    std::optional<std::size_t> strongest;
    std::pair<bool, std::uint64_t> most;
    for (std::size_t i = 0; i < votes.size(); ++i) {
        const Vote& vote = votes[i];
        if (!vote.accuses()) continue;
        const std::pair rank{vote.kind == Vote::Kind::malicious,
                             std::uint64_t{vote.weight} * vote.confidence};
        if (strongest && rank <= most) continue;
        strongest = i;
        most = rank;
    }
    return strongest ? leading_detection(results[*strongest]) : nullptr;
}

}   // namespace microengine::combine
