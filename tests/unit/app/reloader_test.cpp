// SPDX-License-Identifier: MIT
// When reloads happen: once a change has rested, and once for all who asked meanwhile.
#include "host/app/serve/reloader.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <optional>
#include <string>
#include <vector>

namespace microengine::app {
namespace {

using std::chrono::milliseconds;

FileState state(std::uint64_t size) {
    FileState made;
    made.files.push_back({.path = "/rules/a", .size = size});
    return made;
}

engine::ReloadOutcome outcome_of(std::uint64_t generation) {
    return {.replaced = true, .generation = generation, .problems = {}};
}

class SettlingTest : public testing::Test {
protected:
    bool look(std::uint64_t size, int at_ms) {
        return settling.look(state(size), Settling::Time(milliseconds(at_ms)));
    }
    Settling settling{state(1), milliseconds(100)};
};

TEST_F(SettlingTest, WithoutAChangeNothingHappens) {
    EXPECT_FALSE(look(1, 0));
    EXPECT_FALSE(look(1, 1000));
}

TEST_F(SettlingTest, AChangeCountsOnceItHasRested) {
    EXPECT_FALSE(look(2, 0));
    EXPECT_FALSE(look(2, 99));
    EXPECT_TRUE(look(2, 100));
    EXPECT_FALSE(look(2, 1000)) << "once for each change";
}

TEST_F(SettlingTest, ADownloadThatGoesOnIsWaitedFor) {
    for (int i = 0; i < 20; ++i) EXPECT_FALSE(look(2U + static_cast<std::uint64_t>(i), i * 90));
    EXPECT_FALSE(look(21, 20 * 90 - 10));
    EXPECT_TRUE(look(21, 19 * 90 + 100));
}

TEST_F(SettlingTest, WhatAReloadHasSeenIsNoChange) {
    EXPECT_FALSE(look(2, 0));
    settling.known(state(2));
    EXPECT_FALSE(look(2, 1000));
    EXPECT_FALSE(look(3, 1010)) << "but the next one is";
    EXPECT_TRUE(look(3, 1110));
}

TEST(Reloader, WhoAsksWhileOneRunsSharesTheNext) {
    std::latch first_runs(1);
    std::latch go(1);
    std::atomic<int> attempts = 0;
    Reloader reloader({.attempt =
                           [&] {
                               if (++attempts == 1) {
                                   first_runs.count_down();
                                   go.wait();
                               }
                               return outcome_of(static_cast<std::uint64_t>(attempts));
                           },
                       .watched = {},
                       .unfinished = {},
                       .tell = {}});
    std::vector<std::promise<std::uint64_t>> answers(4);
    const auto ask = [&](std::size_t i) {
        reloader.request("test", [&, i](const engine::ReloadOutcome& outcome) {
            answers[i].set_value(outcome.generation);
        });
    };
    ask(0);
    first_runs.wait();
    for (std::size_t i = 1; i < 4; ++i) ask(i);
    go.count_down();
    EXPECT_EQ(answers[0].get_future().get(), 1U);
    for (std::size_t i = 1; i < 4; ++i) EXPECT_EQ(answers[i].get_future().get(), 2U);
    EXPECT_EQ(attempts, 2);
}

TEST(Reloader, AnAttemptThatThrowsIsARefusal) {
    Reloader reloader({.attempt = []() -> engine::ReloadOutcome { throw std::bad_alloc(); },
                       .watched = {},
                       .unfinished = {},
                       .tell = {}});
    std::promise<engine::ReloadOutcome> answer;
    reloader.request("test", [&](const engine::ReloadOutcome& outcome) { answer.set_value(outcome); });
    const engine::ReloadOutcome outcome = answer.get_future().get();
    EXPECT_FALSE(outcome.replaced);
    EXPECT_EQ(outcome.problems.size(), 1U);
}

TEST(Reloader, WhoStillWaitsAtTheEndIsAnswered) {
    std::latch first_runs(1);
    std::latch go(1);
    std::optional<bool> waiting_was_replaced;
    std::atomic<bool> ended = false;
    {
        Reloader reloader({.attempt =
                               [&] {
                                   first_runs.count_down();
                                   go.wait();
                                   return outcome_of(1);
                               },
                           .watched = {},
                           .unfinished = {},
                           .tell = {}});
        reloader.request("first", {});
        first_runs.wait();
        reloader.request(
            "waits", [&](const engine::ReloadOutcome& outcome) { waiting_was_replaced = outcome.replaced; });
        std::jthread ending([&] { reloader.stop(); });
        // Those asked before stop() has begun are answered by the reloader's thread at the end.
        while (!ended)
            reloader.request("late", [&](const engine::ReloadOutcome& outcome) {
                EXPECT_FALSE(outcome.replaced);
                ended = true;
            });
        go.count_down();
    }
    EXPECT_EQ(waiting_was_replaced, false);
}

TEST(Reloader, AWatchedChangeIsReloadedAndToldOf) {
    std::atomic<std::uint64_t> size = 1;
    std::promise<void> told;
    Reloader reloader({.attempt = [] { return outcome_of(1); },
                       .watched = [&] { return state(size++ == 1 ? 1 : 2); },
                       .unfinished = {},
                       .tell = [&](const engine::ReloadOutcome&) { told.set_value(); },
                       .settle = milliseconds(1)});
    told.get_future().wait();
}

}   // namespace
}   // namespace microengine::app
