// SPDX-License-Identifier: MIT
#include "host/isolate/breaker.hpp"

#include <gtest/gtest.h>

#include <set>

namespace microengine::isolate {
namespace {

using std::chrono::nanoseconds;

constexpr std::uint64_t kMilli = 1'000'000;
constexpr std::uint64_t kSecond = 1000 * kMilli;
constexpr std::uint64_t kMinute = 60 * kSecond;

struct BreakerTest : testing::Test {
    void faults(unsigned count) {
        for (unsigned i = 0; i < count; ++i) breaker.fault(now, "killed by SIGSEGV");
    }
    void wait_for_probe() { now = breaker.probe_at().value(); }
    void recover() {
        wait_for_probe();
        breaker.probed_well(now);
    }
    std::uint64_t delay() const { return breaker.probe_at().value() - now; }

    Breaker breaker{BreakerSettings{}, std::minstd_rand(7)};
    std::uint64_t now = 1000 * kSecond;
};

TEST_F(BreakerTest, StartsReady) {
    EXPECT_EQ(breaker.state(), BreakerState::ready);
    EXPECT_TRUE(breaker.closed());
    EXPECT_FALSE(breaker.probe_at());
    EXPECT_EQ(breaker.why(), "");
    EXPECT_EQ(breaker.faults(), 0u);
    EXPECT_EQ(breaker.trips(now), 0u);
}

TEST_F(BreakerTest, FourFaultsAreBorne) {
    faults(4);
    EXPECT_EQ(breaker.state(), BreakerState::ready);
    EXPECT_EQ(breaker.faults(), 4u);
}

TEST_F(BreakerTest, FiveFaultsWithinSixtySecondsTakeItOut) {
    faults(1);
    now += 60 * kSecond;
    faults(3);
    breaker.fault(now, "spoke nonsense");
    EXPECT_EQ(breaker.state(), BreakerState::degraded);
    EXPECT_FALSE(breaker.closed());
    EXPECT_EQ(breaker.why(), "5 faults within 60 s, the last: spoke nonsense");
    EXPECT_EQ(breaker.trips(now), 1u);
}

TEST_F(BreakerTest, FiveFaultsOverALongerTimeDoNot) {
    for (int i = 0; i < 50; ++i) {
        faults(1);
        now += 15 * kSecond + 1;   // never five within 60 s
    }
    EXPECT_EQ(breaker.state(), BreakerState::ready);
    EXPECT_EQ(breaker.faults(), 50u);
}

TEST_F(BreakerTest, OnlyTheLastSixtySecondsCount) {
    faults(4);
    now += 61 * kSecond;
    faults(4);
    EXPECT_TRUE(breaker.closed());
    faults(1);
    EXPECT_FALSE(breaker.closed());
}

TEST_F(BreakerTest, TimesSlightlyOutOfOrderAreNoLongTimeApart) {
    faults(4);
    now -= kMilli;
    faults(1);
    EXPECT_FALSE(breaker.closed());
}

TEST_F(BreakerTest, IsHalfOpenAfterAHundredMillisecondsAndUpToAQuarterMore) {
    faults(5);
    EXPECT_GE(delay(), 100 * kMilli);
    EXPECT_LE(delay(), 125 * kMilli);
    EXPECT_FALSE(breaker.half_open(now));
    EXPECT_FALSE(breaker.half_open(breaker.probe_at().value() - 1));
    EXPECT_TRUE(breaker.half_open(breaker.probe_at().value()));
}

TEST_F(BreakerTest, JitterSpreadsThoseThatFellTogetherAndTheSeedDecides) {
    const auto delay_of = [this](unsigned seed) {
        Breaker other(BreakerSettings{}, std::minstd_rand(seed));
        for (int i = 0; i < 5; ++i) other.fault(now, "x");
        return other.probe_at().value() - now;
    };
    std::set<std::uint64_t> delays;
    for (unsigned seed = 1; seed <= 20; ++seed) delays.insert(delay_of(seed * 1'000'003));
    EXPECT_GE(delays.size(), 15u);
    EXPECT_EQ(delay_of(5), delay_of(5));
}

TEST_F(BreakerTest, ComesBackWhenItsCanariesPass) {
    faults(5);
    recover();
    EXPECT_EQ(breaker.state(), BreakerState::ready);
    EXPECT_EQ(breaker.why(), "");
    EXPECT_FALSE(breaker.probe_at());
    EXPECT_EQ(breaker.trips(now), 1u);
    faults(4);   // the old faults are done with
    EXPECT_TRUE(breaker.closed());
    faults(1);
    EXPECT_FALSE(breaker.closed());
}

TEST_F(BreakerTest, EveryTripDoublesTheDelay) {
    faults(5);
    for (std::uint64_t least = 100 * kMilli; least <= 6400 * kMilli; least *= 2) {
        ASSERT_EQ(breaker.state(), BreakerState::degraded);
        EXPECT_GE(delay(), least);
        EXPECT_LE(delay(), least + least / 4);
        wait_for_probe();
        breaker.probed_badly(now, "exit code 3");
    }
    EXPECT_EQ(breaker.state(), BreakerState::quarantined);
}

TEST_F(BreakerTest, AlsoWhenItWasBackInBetween) {
    for (std::uint64_t least = 100 * kMilli; least <= 6400 * kMilli; least *= 2) {
        faults(5);
        EXPECT_GE(delay(), least);
        recover();
    }
    faults(5);
    EXPECT_EQ(breaker.state(), BreakerState::quarantined);
}

TEST_F(BreakerTest, TheDelayIsAtMostAMinute) {
    Breaker patient(BreakerSettings{.most_trips = 1000}, std::minstd_rand(7));
    for (int i = 0; i < 5; ++i) patient.fault(now, "x");
    for (int i = 0; i < 500; ++i) {
        EXPECT_LE(patient.probe_at().value() - now, kMinute);
        now = patient.probe_at().value();
        patient.probed_badly(now, "x");
    }
    EXPECT_EQ(patient.probe_at().value() - now, kMinute);
}

TEST_F(BreakerTest, AFailedProbeIsATripAndSaysSo) {
    faults(5);
    wait_for_probe();
    breaker.probed_badly(now, "probe_wrong_verdict: canary eicar is benign");
    EXPECT_EQ(breaker.state(), BreakerState::degraded);
    EXPECT_EQ(breaker.trips(now), 2u);
    EXPECT_EQ(breaker.faults(), 6u);
    EXPECT_EQ(breaker.why(), "a canary did not pass: probe_wrong_verdict: canary eicar is benign");
}

TEST_F(BreakerTest, EightTripsKeepItOutUntilReload) {
    faults(5);
    for (int i = 0; i < 7; ++i) {
        wait_for_probe();
        breaker.probed_badly(now, "killed by SIGSEGV");
    }
    EXPECT_EQ(breaker.state(), BreakerState::quarantined);
    EXPECT_EQ(breaker.trips(now), 8u);
    EXPECT_EQ(breaker.why(),
              "out of service 8 times, the last time: a canary did not pass: killed by SIGSEGV");
    now += 1000 * kMinute;
    EXPECT_FALSE(breaker.probe_at());
    EXPECT_FALSE(breaker.half_open(now));
    breaker.probed_well(now);
    EXPECT_EQ(breaker.state(), BreakerState::quarantined);
    EXPECT_EQ(breaker.trips(now), 8u);   // quarantined is not closed: nothing is forgotten
}

TEST_F(BreakerTest, AForbiddenCallOnACanaryQuarantinesAtOnce) {
    breaker.probed_badly(now, "connect", true);
    EXPECT_EQ(breaker.state(), BreakerState::quarantined);
    EXPECT_EQ(breaker.why(), "a forbidden call on a canary: connect");
    breaker.probed_badly(now, "killed by SIGSEGV");
    EXPECT_EQ(breaker.why(), "a forbidden call on a canary: connect");   // the first cause stays
}

TEST_F(BreakerTest, AForbiddenCallOnACanaryQuarantinesAlsoWhileOpen) {
    faults(5);
    breaker.probed_badly(now, "execve", true);
    EXPECT_EQ(breaker.state(), BreakerState::quarantined);
}

TEST_F(BreakerTest, ANewWorkersFailedProbeIsAFaultWhileClosed) {
    for (int i = 0; i < 4; ++i) breaker.probed_badly(now, "exit code 1");
    EXPECT_TRUE(breaker.closed());
    breaker.probed_badly(now, "exit code 1");
    EXPECT_EQ(breaker.why(), "5 faults within 60 s, the last: exit code 1");
}

TEST_F(BreakerTest, WhileOpenLateComersChangeNothing) {
    faults(5);
    const std::uint64_t until = breaker.probe_at().value();
    faults(20);
    breaker.probed_well(now);
    breaker.probed_badly(now, "exit code 1");
    EXPECT_EQ(breaker.state(), BreakerState::degraded);
    EXPECT_EQ(breaker.probe_at(), until);
    EXPECT_EQ(breaker.trips(now), 1u);
    EXPECT_EQ(breaker.faults(), 26u);   // counted all the same
}

TEST_F(BreakerTest, TenQuietMinutesForgetTheTrips) {
    faults(5);
    recover();
    faults(5);
    recover();
    EXPECT_EQ(breaker.trips(now + 10 * kMinute - 1), 2u);
    now += 10 * kMinute;
    EXPECT_EQ(breaker.trips(now), 0u);
    faults(5);
    EXPECT_EQ(breaker.trips(now), 1u);
    EXPECT_LE(delay(), 125 * kMilli);
}

TEST_F(BreakerTest, AFaultStartsTheTenMinutesAnew) {
    faults(5);
    recover();
    now += 9 * kMinute;
    faults(1);
    now += 9 * kMinute;
    EXPECT_EQ(breaker.trips(now), 1u);
    now += kMinute;
    EXPECT_EQ(breaker.trips(now), 0u);
}

TEST_F(BreakerTest, TimeSpentOpenIsNotQuiet) {
    faults(5);
    now += 20 * kMinute;
    EXPECT_EQ(breaker.trips(now), 1u);
    breaker.probed_well(now);
    EXPECT_EQ(breaker.trips(now), 1u);
}

TEST(BreakerState, HasNames) {
    EXPECT_EQ(to_text(BreakerState::ready), "ready");
    EXPECT_EQ(to_text(BreakerState::degraded), "degraded");
    EXPECT_EQ(to_text(BreakerState::quarantined), "quarantined");
}

}   // namespace
}   // namespace microengine::isolate
