// SPDX-License-Identifier: MIT
#include "host/frontends/polyswarm/windows.hpp"

#include <gtest/gtest.h>

namespace microengine::polyswarm {

namespace {

using namespace std::chrono_literals;
using bounty::Uint128;

std::uint64_t sum_at(Window& window, std::int64_t now_ms) {
    return static_cast<std::uint64_t>(window.sum(now_ms));
}

TEST(WindowTest, HoldsWhatIsYoungerThanItsLength) {
    Window window(1s);
    EXPECT_EQ(sum_at(window, 10'000), 0);
    window.add(10'000, 3);
    window.add(10'500, 4);
    EXPECT_EQ(sum_at(window, 10'500), 7);
    EXPECT_EQ(sum_at(window, 10'999), 7);
    EXPECT_EQ(sum_at(window, 11'000), 4);   // a second old: over
    EXPECT_EQ(sum_at(window, 11'499), 4);
    EXPECT_EQ(sum_at(window, 11'500), 0);
}

TEST(WindowTest, WhatIsOverWhenItIsAdded_DoesNotCount) {
    Window window(1s);
    window.add(1'000, 3);
    EXPECT_EQ(sum_at(window, 5'000), 0);
}

TEST(WindowTest, AClockThatIsSetBackForgetsNothing) {
    Window window(1s);
    window.add(10'000, 3);
    window.add(4'000, 4);
    EXPECT_EQ(sum_at(window, 4'000), 7);
    EXPECT_EQ(sum_at(window, 11'000), 0);
}

TEST(WindowTest, SumsBidsExactly) {
    Window window(24h);
    const Uint128 most = bounty::kWeiEnd - 1;
    for (int i = 0; i < 10'000; ++i) window.add(i, most);
    EXPECT_TRUE(window.sum(10'000) == most * 10'000);
}

}   // namespace
}   // namespace microengine::polyswarm
