// SPDX-License-Identifier: MIT
#include "host/frontends/polyswarm/timing.hpp"

#include "host/core/deadline.hpp"

#include <gtest/gtest.h>

#include <ostream>

namespace microengine::polyswarm {

namespace {

using namespace std::chrono_literals;

struct TimingRow {
    milliseconds left, reserve, until_fixed;
};

TEST(TimingTest, DividesTheTimeBetweenScanningAndPosting) {
    const TimingRow rows[] = {
        {.left = 30s, .reserve = 3s, .until_fixed = 27s},
        {.left = 15'001ms, .reserve = 3s, .until_fixed = 12'001ms},
        {.left = 15s, .reserve = 3s, .until_fixed = 12s},
        {.left = 14'999ms, .reserve = 3s, .until_fixed = 12s},   // a fifth from here on
        {.left = 10s, .reserve = 3s, .until_fixed = 8s},
        {.left = 10s, .reserve = 1s, .until_fixed = 9s},   // never more than what is set
        {.left = 1'500ms, .reserve = 3s, .until_fixed = 1'200ms},
        {.left = 1'499ms, .reserve = 3s, .until_fixed = 1'199ms},   // 300 ms at least
        {.left = 1s, .reserve = 500ms, .until_fixed = 700ms},
        {.left = 400ms, .reserve = 3s, .until_fixed = 100ms},
        {.left = 300ms, .reserve = 3s, .until_fixed = 75ms},   // a quarter is for work, whatever is set
        {.left = 20s, .reserve = 1min, .until_fixed = 5s},
        {.left = 1ms, .reserve = 3s, .until_fixed = 0ms},
        {.left = 0ms, .reserve = 3s, .until_fixed = 0ms},
        {.left = -1ms, .reserve = 3s, .until_fixed = 0ms},
    };
    for (const TimingRow& row : rows) {
        const Timing timing = timing_of(row.left, row.reserve);
        EXPECT_EQ(timing.until_fixed.count(), row.until_fixed.count())
            << row.left.count() << " ms, " << row.reserve.count() << " ms of them for posting";
        EXPECT_EQ(timing.left, row.left);
    }
}

TEST(TimingTest, ABountyThatNeverExpires_IsNotTakenForOneThatHas) {
    const milliseconds until_the_year_9999 = std::chrono::years(7974);
    const Timing timing = timing_of(until_the_year_9999, 3s);
    EXPECT_GT(timing.left, 24h * 300);
    EXPECT_FALSE(core::Deadline::after(timing.left).passed());
    EXPECT_FALSE(core::Deadline::after(timing.until_fixed).passed());
}

TEST(TimingTest, TheEngineMayAnswerALittleLater) {
    EXPECT_EQ(grace_of(3s), 500ms);
    EXPECT_EQ(grace_of(2s), 500ms);
    EXPECT_EQ(grace_of(1'999ms), 499'750us);
    EXPECT_EQ(grace_of(300ms), 75ms);
    EXPECT_EQ(grace_of(200ms), 50ms);
    EXPECT_EQ(grace_of(100ms), 50ms);
}

TEST(TimingTest, TheWatchdogIsNeverLaterThanTheDeadline) {
    for (const auto reserve : {99ms, 50ms, 30ms, 1ms, 0ms})
        EXPECT_EQ(grace_of(reserve), std::chrono::nanoseconds(reserve) / 2) << reserve.count();
}

TEST(TimingTest, FetchingLeavesTimeForScanning) {
    EXPECT_EQ(fetch_time(27s, 20s), 20s);
    EXPECT_EQ(fetch_time(20'500ms, 20s), 20s);
    EXPECT_EQ(fetch_time(20'499ms, 20s), 19'999ms);
    EXPECT_EQ(fetch_time(10s, 20s), 9'500ms);
    EXPECT_EQ(fetch_time(1s, 20s), 500ms);
    EXPECT_EQ(fetch_time(999ms, 20s), 499'500us);   // half of what is less than a second
    EXPECT_EQ(fetch_time(100ms, 20s), 50ms);
    EXPECT_EQ(fetch_time(0ms, 20s), 0ms);
}

}   // namespace
}   // namespace microengine::polyswarm
