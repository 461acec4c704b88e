// SPDX-License-Identifier: MIT
#include "host/bounty/bid.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <optional>

namespace microengine::bounty {
namespace {

constexpr std::array kKinds{BidKind::default_range, BidKind::aggressive, BidKind::conservative,
                            BidKind::custom,        BidKind::minimum,    BidKind::median,
                            BidKind::maximum};

TEST(Bid, KindsHaveTheirWords) {
    for (const BidKind kind : kKinds) EXPECT_EQ(parse_bid_kind(to_text(kind)), kind);
    EXPECT_FALSE(parse_bid_kind("reckless"));
    EXPECT_FALSE(parse_bid_kind(""));
}

TEST(Bid, CustomGoesFromItsLeastToItsMostMultipleOfMin) {
    const BidStrategy strategy{.kind = BidKind::custom, .min_multiplier = 20'000, .max_multiplier = 45'000};
    const Rules rules{.min = Wei{100}, .max = Wei{1000}};
    EXPECT_EQ(bid_of(strategy, rules, 0), Wei{200});
    EXPECT_EQ(bid_of(strategy, rules, 500'000), Wei{325});
    EXPECT_EQ(bid_of(strategy, rules, kCertainly), Wei{450});
    EXPECT_EQ(bid_of(strategy, {.min = Wei{100}, .max = Wei{300}}, kCertainly), Wei{300});
    EXPECT_EQ(bid_of(strategy, {.min = Wei{100}, .max = Wei{150}}, 0), Wei{150});
}

TEST(Bid, WithoutAMostItGoesUpToMax) {
    const BidStrategy strategy{
        .kind = BidKind::custom, .min_multiplier = 30'000, .max_multiplier = std::nullopt};
    EXPECT_EQ(bid_of(strategy, {.min = Wei{100}, .max = Wei{1000}}, kCertainly), Wei{1000});
}

TEST(Bid, IsWithinTheRulesForEveryStrategyAndConfidence) {
    constexpr std::uint64_t absurd = std::numeric_limits<std::uint64_t>::max();
    const std::array ends{Wei{0}, Wei{1}, Wei{999'999}, kOneNct, Wei{kWeiEnd / 3}, Wei{kWeiEnd - 1}};
    for (const Wei min : ends)
        for (const Wei max : ends)
            for (const BidKind kind : kKinds)
                for (const std::uint64_t multiplier : {std::uint64_t{0}, std::uint64_t{1'000'001}, absurd})
                    for (const std::optional<Confidence> confidence :
                         {std::optional<Confidence>(), std::optional<Confidence>(1),
                          std::optional<Confidence>(kCertainly), std::optional<Confidence>(4'000'000'000U)}) {
                        const BidStrategy strategy{
                            .kind = kind, .min_multiplier = multiplier, .max_multiplier = multiplier};
                        const auto bid = bid_of(strategy, {.min = min, .max = max}, confidence);
                        const bool possible = max >= Wei{1} && min <= max;
                        ASSERT_EQ(bid.has_value(), possible);
                        if (!bid) continue;
                        ASSERT_GE(*bid, std::max(min, Wei{1})) << to_text(*bid);
                        ASSERT_LE(*bid, max) << to_text(*bid);
                    }
}

TEST(Bid, WhoHasNoConfidenceBetsLeast) {
    for (const BidKind kind : {BidKind::default_range, BidKind::aggressive, BidKind::conservative})
        EXPECT_EQ(bid_of({.kind = kind}, Rules{}, std::nullopt), bid_of({.kind = kind}, Rules{}, 0));
}

TEST(Bid, ConfidencesAreRoundedHalfUpAndClamped) {
    EXPECT_EQ(to_confidence(0.0000005), 1U);
    EXPECT_EQ(to_confidence(0.5), 500'000U);
    EXPECT_EQ(to_confidence(-1), 0U);
    EXPECT_EQ(to_confidence(std::numeric_limits<double>::infinity()), kCertainly);
    EXPECT_EQ(to_confidence(-std::numeric_limits<double>::infinity()), 0U);
    EXPECT_FALSE(to_confidence(std::numeric_limits<double>::quiet_NaN()));
}

}   // namespace
}   // namespace microengine::bounty
