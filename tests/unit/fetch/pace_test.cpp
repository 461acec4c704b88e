// SPDX-License-Identifier: MIT
#include "host/fetch/pace.hpp"

#include <gmock/gmock.h>

namespace {

using microengine::fetch::Pace;
using namespace std::chrono_literals;

constexpr std::uint64_t kSecond = 1'000'000'000;

TEST(Pace, AKibibyteASecondIsFastEnough) {
    Pace pace(5s);
    pace.begin(kSecond);
    EXPECT_EQ(pace.until_ns(), 6 * kSecond);
    pace.count(5 * 1024);
    EXPECT_FALSE(pace.too_slow(6 * kSecond));
    EXPECT_EQ(pace.until_ns(), 11 * kSecond);
    pace.count(5 * 1024 - 1);
    EXPECT_FALSE(pace.too_slow(11 * kSecond - 1));
    EXPECT_TRUE(pace.too_slow(11 * kSecond));
}

TEST(Pace, WhatCameEarlierDoesNotCount) {
    Pace pace(5s);
    pace.begin(0);
    pace.count(1'000'000);
    EXPECT_FALSE(pace.too_slow(5 * kSecond));
    EXPECT_TRUE(pace.too_slow(10 * kSecond));
}

TEST(Pace, IsJudgedOnlyOnceBegunAndOnlyWithAWindow) {
    Pace pace(5s);
    EXPECT_EQ(pace.until_ns(), 0U);
    EXPECT_FALSE(pace.too_slow(100 * kSecond));
    Pace none(0s);
    none.begin(kSecond);
    EXPECT_EQ(none.until_ns(), 0U);
    EXPECT_FALSE(none.too_slow(100 * kSecond));
}

TEST(Pace, AWindowOfYearsIsOneToo) {
    Pace pace(std::chrono::hours(24 * 365 * 100));
    pace.begin(kSecond);
    EXPECT_FALSE(pace.too_slow(100 * kSecond));
    EXPECT_TRUE(pace.too_slow(kSecond + std::uint64_t{24} * 365 * 100 * 3'600 * kSecond));
}

}   // namespace
