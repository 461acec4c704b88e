// SPDX-License-Identifier: MIT
#pragma once
// How much is bet on a verdict. Integers only; pure; any thread.

#include "host/bounty/wei.hpp"
#include "host/core/verdict.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace microengine::bounty {

/// Millionths; 1'000'000 is certain.
using Confidence = std::uint32_t;
inline constexpr Confidence kCertainly = 1'000'000;

/// What PolySwarm takes as a bid for one bounty.
struct Rules {
    Wei min{62'500'000'000'000'000U};
    Wei max = kOneNct;
    [[nodiscard]] bool operator==(const Rules&) const = default;
};

enum class BidKind : std::uint8_t {
    default_range,   ///< "default": from min to max, as the confidence says
    aggressive,      ///< the same from eight times min
    conservative,    ///< always min
    custom,          ///< with the multipliers below
    minimum,         ///< min, median and max, whatever the confidence
    median,
    maximum,
};
[[nodiscard]] std::optional<BidKind> parse_bid_kind(std::string_view text);
[[nodiscard]] std::string_view to_text(BidKind kind);

/// Multipliers are of min, in ten-thousandths: 80'000 is eight times. Only `custom` looks at them.
struct BidStrategy {
    BidKind kind = BidKind::default_range;
    std::uint64_t min_multiplier = 10'000;                        ///< 1 to 1000 times
    std::optional<std::uint64_t> max_multiplier = std::nullopt;   ///< not below the other; none: up to max
    [[nodiscard]] bool operator==(const BidStrategy&) const = default;
};

/// The bid for a benign or malicious verdict: within the rules, at least 1 wei. Without a confidence the
/// least: who has none bets least. Nothing: the rules leave no bid (min above max, or max 0), and the verdict
/// has to be unknown.
///
///     lo = clamp(min * min_multiplier, min, max)
///     hi = clamp(min * max_multiplier, lo, max), or max without one
///     bid = lo + (hi - lo) * confidence / 1000000
[[nodiscard]] std::optional<Wei> bid_of(const BidStrategy& strategy, const Rules& rules,
                                        std::optional<Confidence> confidence);

/// Clamped to 0..1, rounded half up; not a number: none.
[[nodiscard]] std::optional<Confidence> to_confidence(double value);

/// The verdict "is" of PolySwarm's tutorials, where a scanner answers (bit, verdict): do we assert, and is it
/// malicious?
struct BitVerdict {
    bool bit = false;
    bool verdict = false;
    [[nodiscard]] bool operator==(const BitVerdict&) const = default;
};
[[nodiscard]] core::Verdict verdict_of(BitVerdict pair);
[[nodiscard]] BitVerdict to_bit_verdict(core::Verdict verdict);

}   // namespace microengine::bounty
