// SPDX-License-Identifier: MIT
#include "host/frontends/polyswarm/purse.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace microengine::polyswarm {

namespace {

using bounty::Rules;
using bounty::Wei;

constexpr std::int64_t kNow = 1'700'000'000'000;
constexpr std::int64_t kHour = 3'600'000;
constexpr Rules kRules{.min = Wei{100}, .max = Wei{1'000}};

Purse purse_with(const std::function<void(bounty::EngineSettings&)>& change) {
    bounty::EngineSettings engine;
    change(engine);
    return Purse(engine);
}

/// "none", or the bid in wei.
std::string bid(Purse& purse, std::uint64_t wish, std::int64_t now_ms = kNow, const Rules& rules = kRules) {
    const auto afforded = purse.afford(Wei{wish}, rules, now_ms);
    return afforded ? to_text(*afforded) : "none";
}

TEST(PurseTest, WithoutLimits_EveryWishIsGranted) {
    Purse purse = purse_with([](auto&) {});
    purse.spent(kNow, Wei{bounty::kWeiEnd - 1});
    EXPECT_EQ(bid(purse, 1'000), "1000");
    EXPECT_TRUE(purse.left(kNow).empty());
}

TEST(PurseTest, NoBidIsAboveMaxBid) {
    Purse purse = purse_with([](auto& engine) { engine.max_bid = Wei{500}; });
    EXPECT_EQ(bid(purse, 1'000), "500");
    EXPECT_EQ(bid(purse, 500), "500");
    EXPECT_EQ(bid(purse, 499), "499");
}

TEST(PurseTest, AMaxBidBelowWhatTheRulesAllow_LeavesNone) {
    for (const auto& [most, result] :
         {std::pair(100U, "100"), std::pair(99U, "none"), std::pair(0U, "none")}) {
        Purse purse = purse_with([most](auto& engine) { engine.max_bid = Wei{most}; });
        EXPECT_EQ(bid(purse, 1'000), result) << most;
    }
}

struct BudgetRow {
    std::uint64_t spent, wish;
    std::string_view bid;
    std::string_view why;
};

TEST(PurseTest, OfABudgetThatIsNearlySpent_TheLeastIsBid) {
    const BudgetRow rows[] = {
        {.spent = 0, .wish = 1'000, .bid = "1000", .why = "all of it fits"},
        {.spent = 1'000, .wish = 1'000, .bid = "1000", .why = "to the last wei"},
        {.spent = 1'001, .wish = 1'000, .bid = "100", .why = "one wei too much"},
        {.spent = 1'900, .wish = 1'000, .bid = "100", .why = "the least, to the last wei"},
        {.spent = 1'901, .wish = 1'000, .bid = "none", .why = "not even that"},
        {.spent = 2'000, .wish = 100, .bid = "none", .why = "nothing is left"},
        {.spent = 5'000, .wish = 100, .bid = "none", .why = "a budget that has been lowered"},
    };
    using Budget = std::optional<Wei> bounty::EngineSettings::*;
    for (const Budget budget :
         {&bounty::EngineSettings::budget_per_hour, &bounty::EngineSettings::budget_per_day})
        for (const BudgetRow& row : rows) {
            Purse purse = purse_with([budget](auto& engine) { engine.*budget = Wei{2'000}; });
            purse.spent(kNow, Wei{row.spent});
            EXPECT_EQ(bid(purse, row.wish), row.bid) << row.why;
        }
}

TEST(PurseTest, ABudgetComesBackWithTime) {
    Purse purse = purse_with([](auto& engine) {
        engine.budget_per_hour = Wei{1'000};
        engine.budget_per_day = Wei{1'500};
    });
    purse.spent(kNow, Wei{1'000});
    EXPECT_EQ(bid(purse, 500, kNow + kHour - 1), "none");
    EXPECT_EQ(bid(purse, 500, kNow + kHour), "500");
    purse.spent(kNow + kHour, Wei{500});
    EXPECT_EQ(bid(purse, 500, kNow + 23 * kHour), "none");   // of the day
    EXPECT_EQ(bid(purse, 500, kNow + 24 * kHour), "500");
}

TEST(PurseTest, AskingSpendsNothing) {
    Purse purse = purse_with([](auto& engine) { engine.budget_per_hour = Wei{1'000}; });
    for (int i = 0; i < 3; ++i) EXPECT_EQ(bid(purse, 1'000), "1000");
}

TEST(PurseTest, TheLeastOfRulesWithoutMinimumIsOneWei) {
    Purse purse = purse_with([](auto& engine) { engine.budget_per_hour = Wei{10}; });
    purse.spent(kNow, Wei{9});
    EXPECT_EQ(bid(purse, 1'000, kNow, {.min = Wei{0}, .max = Wei{1'000}}), "1");
    purse.spent(kNow, Wei{1});
    EXPECT_EQ(bid(purse, 1'000, kNow, {.min = Wei{0}, .max = Wei{1'000}}), "none");
}

TEST(PurseTest, SaysWhatIsLeftOfEachBudget) {
    Purse purse = purse_with([](auto& engine) {
        engine.budget_per_hour = Wei{1'000};
        engine.budget_per_day = Wei{5'000};
    });
    purse.spent(kNow, Wei{1'200});
    const auto left = purse.left(kNow + 1);
    ASSERT_EQ(left.size(), 2);
    EXPECT_EQ(left[0].window, "hour");
    EXPECT_EQ(to_text(left[0].left), "0");
    EXPECT_EQ(to_text(left[0].budget), "1000");
    EXPECT_EQ(left[1].window, "day");
    EXPECT_EQ(to_text(left[1].left), "3800");
    EXPECT_EQ(to_text(purse.left(kNow + kHour).front().left), "1000");
}

}   // namespace
}   // namespace microengine::polyswarm
