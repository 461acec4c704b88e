// SPDX-License-Identifier: MIT
#pragma once
// How the operator wants scan results combined: the [combiner] table as a value.

#include "host/core/verdict.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace microengine::core {

enum class Strategy : std::uint8_t { any, majority, weighted };
[[nodiscard]] std::string_view to_text(Strategy strategy);
[[nodiscard]] std::optional<Strategy> parse_strategy(std::string_view text);

struct CombinerSettings {
    Strategy strategy = Strategy::any;
    BasisPoints threshold = 5'000;                     ///< weighted: a greater score is malicious
    std::optional<BasisPoints> suspicious_threshold;   ///< weighted; unset: half of threshold, see below
    std::uint32_t quorum = 1;               ///< complete benign votes that "benign" needs, at least 1
    Verdict on_tie = Verdict::suspicious;   ///< benign, suspicious or malicious
    bool early_decision = false;

    /// Twice the threshold that suspicious needs: half of an odd threshold is no whole ten-thousandth.
    [[nodiscard]] std::uint32_t doubled_suspicious_threshold() const {
        return suspicious_threshold ? 2 * *suspicious_threshold : threshold;
    }
};

/// Why a combined verdict is unknown: the first that holds, in this order.
enum class UnknownBecause : std::uint8_t { none, all_abstained, no_votes, required, missing_votes, quorum };
[[nodiscard]] std::string_view to_text(UnknownBecause because);

}   // namespace microengine::core
