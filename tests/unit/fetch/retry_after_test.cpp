// SPDX-License-Identifier: MIT
#include "host/fetch/retry_after.hpp"

#include <gmock/gmock.h>

namespace {

using microengine::fetch::parse_retry_after;
using std::chrono::milliseconds;

// Wed, 24 Jun 2026 10:00:00 GMT
const std::chrono::system_clock::time_point kNow{std::chrono::seconds(1'782'295'200)};
constexpr milliseconds kDay = std::chrono::hours(24);

TEST(RetryAfter, Seconds) {
    EXPECT_EQ(parse_retry_after("0", kNow), milliseconds(0));
    EXPECT_EQ(parse_retry_after("7", kNow), milliseconds(7'000));
    EXPECT_EQ(parse_retry_after("0120", kNow), milliseconds(120'000));
}

TEST(RetryAfter, ADateInEachOfHttpsForms) {
    EXPECT_EQ(parse_retry_after("Wed, 24 Jun 2026 10:00:30 GMT", kNow), milliseconds(30'000));
    EXPECT_EQ(parse_retry_after("Wednesday, 24-Jun-26 10:00:30 GMT", kNow), milliseconds(30'000));
    EXPECT_EQ(parse_retry_after("Wed Jun 24 10:00:30 2026", kNow), milliseconds(30'000));
}

TEST(RetryAfter, IsNeverInThePastNorMoreThanADay) {
    EXPECT_EQ(parse_retry_after("Wed, 24 Jun 2026 09:59:59 GMT", kNow), milliseconds(0));
    EXPECT_EQ(parse_retry_after("Fri, 26 Jun 2026 10:00:00 GMT", kNow), kDay);
    EXPECT_EQ(parse_retry_after("86401", kNow), kDay);
    EXPECT_EQ(parse_retry_after("99999999999999999999999", kNow), kDay);
}

TEST(RetryAfter, WhatIsNeitherSaysNothing) {
    for (const std::string_view text :
         {"", "soon", "-1", "1.5", "+7", "7s", "Wed, 99 Jun 2026 10:00:30 GMT",
          "                                                                  7"})
        EXPECT_EQ(parse_retry_after(text, kNow), milliseconds(0)) << text;
}

}   // namespace
