// SPDX-License-Identifier: MIT
#include "host/frontends/polyswarm/rates.hpp"

#include <gtest/gtest.h>

namespace microengine::polyswarm {

namespace {

constexpr std::int64_t kStart = 1'700'000'000'000;

TEST(RatesTest, WithoutLimits_EverythingIsTaken) {
    Rates rates({});
    for (int i = 0; i < 10'000; ++i) EXPECT_TRUE(rates.take(kStart));
}

struct RatesRow {
    std::uint32_t bounty::RateLimits::* limit;
    std::int64_t length_ms;
};

TEST(RatesTest, EachWindowHoldsItsMost_UntilTheOldestIsOver) {
    using bounty::RateLimits;
    for (const RatesRow& row :
         {RatesRow{&RateLimits::per_second, 1'000}, RatesRow{&RateLimits::per_minute, 60'000},
          RatesRow{&RateLimits::per_hour, 3'600'000}, RatesRow{&RateLimits::per_day, 86'400'000}}) {
        RateLimits limits;
        limits.*row.limit = 2;
        Rates rates(limits);
        EXPECT_TRUE(rates.take(kStart));
        EXPECT_TRUE(rates.take(kStart + 1));
        EXPECT_FALSE(rates.take(kStart + 2)) << row.length_ms;
        EXPECT_FALSE(rates.take(kStart + row.length_ms - 1)) << row.length_ms;
        EXPECT_TRUE(rates.take(kStart + row.length_ms)) << row.length_ms;
        EXPECT_FALSE(rates.take(kStart + row.length_ms)) << row.length_ms;
        EXPECT_TRUE(rates.take(kStart + row.length_ms + 1)) << row.length_ms;
    }
}

TEST(RatesTest, WhatOneWindowRefuses_CountsInNone) {
    Rates rates({.per_second = 1, .per_minute = 2, .per_hour = 0, .per_day = 0});
    EXPECT_TRUE(rates.take(kStart));
    for (int i = 0; i < 10; ++i) EXPECT_FALSE(rates.take(kStart + 1));
    EXPECT_TRUE(rates.take(kStart + 1'000));
    EXPECT_FALSE(rates.take(kStart + 2'000));   // two in this minute
    EXPECT_TRUE(rates.take(kStart + 60'000));
}

TEST(RatesTest, WhatTheJournalRemembers_Counts) {
    Rates rates({.per_second = 0, .per_minute = 2, .per_hour = 0, .per_day = 0});
    rates.count(kStart);
    rates.count(kStart + 10);
    EXPECT_FALSE(rates.take(kStart + 20));
    EXPECT_TRUE(rates.take(kStart + 60'000));
}

}   // namespace
}   // namespace microengine::polyswarm
