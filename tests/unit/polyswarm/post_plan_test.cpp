// SPDX-License-Identifier: MIT
#include "host/frontends/polyswarm/post_plan.hpp"

#include <gtest/gtest.h>

namespace microengine::polyswarm {

namespace {

using namespace std::chrono_literals;
using fetch::Failure;
using fetch::PostAnswer;

constexpr auto kTimeLeft = 60s;

PostAnswer status(unsigned code, std::chrono::milliseconds retry_after = 0ms) {
    return {.failure = Failure::none, .status = code, .retry_after = retry_after, .head = {}, .why = {}};
}
PostAnswer failed(Failure failure) {
    return {.failure = failure, .status = 0, .retry_after = 0ms, .head = {}, .why = "why"};
}

TEST(PostPlanTest, WhatFollowsAStatus) {
    for (const unsigned code : {200U, 201U, 202U, 204U, 299U, 409U})
        EXPECT_EQ(plan_after(1, status(code), kTimeLeft, 0).after, After::delivered) << code;
    for (const unsigned code : {408U, 425U, 429U, 500U, 502U, 503U, 504U, 599U})
        EXPECT_EQ(plan_after(1, status(code), kTimeLeft, 0).after, After::again) << code;
    for (const unsigned code : {199U, 300U, 301U, 307U, 308U, 400U, 401U, 403U, 404U, 407U, 410U, 413U, 422U})
        EXPECT_EQ(plan_after(1, status(code), kTimeLeft, 0).after, After::refused) << code;
}

TEST(PostPlanTest, WhatFollowsNoAnswer) {
    using enum Failure;
    for (const Failure failure : {resolve, connect, tls, timeout, broken, room, encoded})
        EXPECT_EQ(plan_after(1, failed(failure), kTimeLeft, 0).after, After::again) << to_text(failure);
    for (const Failure failure : {scheme, address})   // it will not be allowed later either
        EXPECT_EQ(plan_after(1, failed(failure), kTimeLeft, 0).after, After::refused) << to_text(failure);
}

TEST(PostPlanTest, WaitsTwiceAsLongEachTime_AtMostFiveSeconds) {
    const std::pair<std::uint32_t, std::chrono::milliseconds> rows[] = {
        {0, 200ms},   {1, 200ms}, {2, 400ms}, {3, 800ms}, {4, 1'600ms},
        {5, 3'200ms}, {6, 5s},    {7, 5s},    {40, 5s},   {4'000'000'000U, 5s},
    };
    for (const auto& [attempts, wait] : rows)
        EXPECT_EQ(plan_after(attempts, status(500), kTimeLeft, 0).wait, wait) << attempts;
}

TEST(PostPlanTest, JitterSpreadsByAFifth) {
    EXPECT_EQ(plan_after(1, status(500), kTimeLeft, -1).wait, 160ms);
    EXPECT_EQ(plan_after(1, status(500), kTimeLeft, 0.5).wait, 220ms);
    EXPECT_EQ(plan_after(1, status(500), kTimeLeft, 1).wait, 240ms);
    EXPECT_EQ(plan_after(9, status(500), kTimeLeft, 1).wait, 6s);
    EXPECT_EQ(plan_after(1, status(500), kTimeLeft, 7).wait, 240ms);
    EXPECT_EQ(plan_after(1, status(500), kTimeLeft, -7).wait, 160ms);
}

TEST(PostPlanTest, RetryAfterIsHonoured_ButNotBeyondTheDeadline) {
    EXPECT_EQ(plan_after(1, status(429, 10s), kTimeLeft, 0).wait, 10s);
    EXPECT_EQ(plan_after(1, status(503, 100ms), kTimeLeft, 0).wait, 200ms);   // no sooner than otherwise
    EXPECT_EQ(plan_after(1, status(429, 1h), 7s, 0).wait, 7s);
    EXPECT_EQ(plan_after(1, status(429, 1h), 7s, 0).after, After::again);
}

TEST(PostPlanTest, TheLastAttemptIsMadeWhenTheDeadlineComes_AndNoneAfterIt) {
    const PostPlan last = plan_after(3, status(500), 1ms, 0);
    EXPECT_EQ(last.after, After::again);
    EXPECT_EQ(last.wait, 1ms);
    EXPECT_EQ(plan_after(4, status(500), 0ms, 0).after, After::given_up);
    EXPECT_EQ(plan_after(4, failed(Failure::timeout), -1ms, 0).after, After::given_up);
}

TEST(PostPlanTest, AfterTheDeadlineToo_AnAnswerCounts) {
    EXPECT_EQ(plan_after(4, status(200), -1s, 0).after, After::delivered);
    EXPECT_EQ(plan_after(4, status(409), 0ms, 0).after, After::delivered);
    EXPECT_EQ(plan_after(4, status(400), -1s, 0).after, After::refused);
}

}   // namespace
}   // namespace microengine::polyswarm
