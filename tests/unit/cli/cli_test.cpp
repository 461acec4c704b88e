// SPDX-License-Identifier: MIT
#include "host/frontends/cli/console.hpp"
#include "host/frontends/cli/in_order.hpp"
#include "host/frontends/cli/progress.hpp"
#include "host/frontends/cli/table.hpp"
#include "host/util/unique_fd.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace microengine::cli {
namespace {

TEST(InOrder, ReportsLeaveInTheOrderOfTheArtifactsWhoeverPutsThem) {
    std::vector<std::string> seen;
    InOrder order(1000, [&](core::Report report) { seen.push_back(report.artifact.name); });
    std::vector<std::uint64_t> numbers(200);
    for (auto& number : numbers) number = order.next_number();
    std::ranges::shuffle(numbers, std::mt19937(7));
    {
        std::vector<std::jthread> threads;
        for (std::size_t part = 0; part < 4; ++part)
            threads.emplace_back([&, part] {
                for (std::size_t i = part; i < numbers.size(); i += 4) {
                    core::Report report;
                    report.artifact.name = std::to_string(numbers[i]);
                    order.put(numbers[i], std::move(report));
                }
            });
    }
    ASSERT_EQ(seen.size(), numbers.size());
    for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], std::to_string(i));
}

TEST(InOrder, WhatNeverBecameAReportHoldsNothingUp) {
    std::vector<std::string> seen;
    InOrder order(10, [&](const core::Report& report) { seen.push_back(report.artifact.name); });
    for (int i = 0; i < 3; ++i) (void)order.next_number();
    core::Report last;
    last.artifact.name = "last";
    order.put(2, std::move(last));
    order.put(1, std::nullopt);
    EXPECT_TRUE(seen.empty());
    order.put(0, std::nullopt);
    EXPECT_EQ(seen, std::vector<std::string>{"last"});
}

TEST(Estimate, FollowsArtifactsAndBytes) {
    EXPECT_EQ(estimate(50, 100, 50, 100, 1000).percent, 50U);
    EXPECT_EQ(estimate(50, 100, 50, 100, 1000).left_ns, 1000U);
    EXPECT_EQ(estimate(99, 100, 0, 1000, 1000).percent, 49U);
    EXPECT_EQ(estimate(0, 0, 0, 0, 1000).percent, 100U);
    EXPECT_EQ(estimate(200, 100, 200, 100, 1000).percent, 100U) << "files that came later";
    EXPECT_EQ(estimate(0, 10, 0, 10, 1000).left_ns, 0U) << "nobody knows yet";
}

TEST(Waiting, SaysNothingOfWhatIsSoonDone) {
    testing::internal::CaptureStderr();
    {
        Console console(When::never);
        const Waiting waiting(console, "loading", std::chrono::hours(1));
    }
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(Waiting, ShowsItsLineAndTakesItAwayAgain) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    const util::UniqueFd out(ends[0]);
    const util::UniqueFd in(ends[1]);
    const util::UniqueFd before(::dup(STDERR_FILENO));
    ASSERT_EQ(::dup2(in.get(), STDERR_FILENO), STDERR_FILENO);
    std::array<char, 64> seen{};
    std::string line, rest;
    {
        Console console(When::never);
        const Waiting waiting(console, "loading", std::chrono::milliseconds(0));
        const ssize_t got = ::read(out.get(), seen.data(), seen.size());   // until it is there
        line.assign(seen.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    }
    ::dup2(before.get(), STDERR_FILENO);
    const ssize_t got = ::read(out.get(), seen.data(), seen.size());
    rest.assign(seen.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    EXPECT_EQ(line, "loading");
    EXPECT_EQ(rest, "\r\x1b[K");
}

TEST(Table, AlignsByCharactersAndLeavesNoBlanksAtTheEnd) {
    EXPECT_EQ(table({{"A", "B"}, {"caf\xC3\xA9", "x"}, {"y", ""}}), "A     B\ncaf\xC3\xA9  x\ny\n");
}

}   // namespace
}   // namespace microengine::cli
