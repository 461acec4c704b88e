// SPDX-License-Identifier: MIT
#include "host/bounty/bid.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace microengine::bounty {

namespace {

constexpr std::array<std::string_view, 7> kKinds{"default", "aggressive", "conservative", "custom",
                                                 "minimum", "median",     "maximum"};
constexpr std::uint64_t kOnce = 10'000;
constexpr std::uint64_t kMostTimes = 1000 * kOnce;   // 2^96 of these is less than 2^128

struct Range {
    Uint128 low = 0;
    Uint128 high = 0;
};

Uint128 times(Uint128 value, std::uint64_t multiplier) {
    return value * std::min(multiplier, kMostTimes) / kOnce;
}

Range multiplied(Uint128 min, Uint128 max, std::uint64_t least, std::optional<std::uint64_t> most) {
    const Uint128 low = std::clamp(times(min, least), min, max);
    return {.low = low, .high = most ? std::clamp(times(min, *most), low, max) : max};
}

Range range_of(const BidStrategy& strategy, Uint128 min, Uint128 max) {
    switch (strategy.kind) {
        case BidKind::default_range:
            return {.low = min, .high = max};
        case BidKind::aggressive:
            return multiplied(min, max, 8 * kOnce, std::nullopt);
        case BidKind::custom:
            return multiplied(min, max, strategy.min_multiplier, strategy.max_multiplier);
        case BidKind::conservative:
        case BidKind::minimum:
            return {.low = min, .high = min};
        case BidKind::median:
            return {.low = (min + max) / 2, .high = (min + max) / 2};
        case BidKind::maximum:
            return {.low = max, .high = max};
    }
    std::unreachable();
}

}   // namespace

std::optional<BidKind> parse_bid_kind(std::string_view text) {
    const auto found = std::ranges::find(kKinds, text);
    if (found == kKinds.end()) return std::nullopt;
    return static_cast<BidKind>(found - kKinds.begin());
}

std::string_view to_text(BidKind kind) { return kKinds.at(std::to_underlying(kind)); }

std::optional<Wei> bid_of(const BidStrategy& strategy, const Rules& rules,
                          std::optional<Confidence> confidence) {
    const Uint128 min = std::max<Uint128>(rules.min.value, 1);   // a bid of 0 is none
    if (min > rules.max.value) return std::nullopt;
    const Range range = range_of(strategy, min, rules.max.value);
    const Uint128 sure = std::min(confidence.value_or(0), kCertainly);
    return Wei{range.low + (range.high - range.low) * sure / kCertainly};
}

std::optional<Confidence> to_confidence(double value) {
    if (std::isnan(value)) return std::nullopt;
    return static_cast<Confidence>(std::floor(std::clamp(value, 0.0, 1.0) * kCertainly + 0.5));
}

core::Verdict verdict_of(BitVerdict pair) {
    if (pair.bit) return pair.verdict ? core::Verdict::malicious : core::Verdict::benign;
    return pair.verdict ? core::Verdict::suspicious : core::Verdict::unknown;
}

BitVerdict to_bit_verdict(core::Verdict verdict) {
    using enum core::Verdict;
    return {.bit = verdict == malicious || verdict == benign,
            .verdict = verdict == malicious || verdict == suspicious};
}

}   // namespace microengine::bounty
