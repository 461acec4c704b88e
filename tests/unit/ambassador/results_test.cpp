// SPDX-License-Identifier: MIT
#include "host/frontends/ambassador/results.hpp"

#include "host/frontends/ambassador/child.hpp"
#include "host/frontends/ambassador/metrics_text.hpp"
#include "host/frontends/ambassador/numbers.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <set>

namespace microengine::ambassador {
namespace {

using namespace std::chrono_literals;

std::vector<CheckResult> some() {
    return {{&all_checks()[0], passed("200")},
            {&all_checks()[1], failed("no answer in time")},
            {&all_checks()[2], skipped("needs --spawn")}};
}

TEST(Results, AreATableWithTheFixBelowWhatFailed) {
    const std::string fix(all_checks()[1].fix);
    EXPECT_EQ(table_of(some(), 7),
              "A1   PASS  GET and HEAD without a signature are 200: 200\n"
              "A2   FAIL  a signed ping is answered within a second: no answer in time\n"
              "           fix: " +
                  fix +
                  "\n"
                  "A3   SKIP  only what is signed with the secret is taken: needs --spawn\n"
                  "1 passed, 1 failed, 1 skipped; seed 7\n");
}

TEST(Results, AreJson) {
    const auto json = nlohmann::json::parse(json_of(some(), 7));
    EXPECT_EQ(json.at("failed"), 1);
    EXPECT_EQ(json.at("seed"), "7");
    EXPECT_EQ(json.at("checks").at(1).at("status"), "FAIL");
    EXPECT_TRUE(json.at("checks").at(1).contains("fix"));
    EXPECT_FALSE(json.at("checks").at(0).contains("fix"));
}

TEST(Results, WhatEnginesSayIsShownPrintable) { EXPECT_EQ(failed("a\x1b[2J").seen, "a\\x1b[2J"); }

TEST(Checks, AreThoseOfTheListInItsOrder) {
    std::vector<int> numbers;
    for (const Check& check : all_checks()) {
        EXPECT_EQ(check.id.front(), 'A');
        numbers.push_back(std::stoi(std::string(check.id.substr(1))));
        EXPECT_FALSE(check.fix.empty()) << check.id;
    }
    std::vector<int> wanted(29);
    for (int i = 0; i < 29; ++i) wanted[static_cast<std::size_t>(i)] = i + 1;
    EXPECT_EQ(numbers, wanted);
}

TEST(Numbers, AreOfTheNearestRank) {
    EXPECT_EQ(percentile({}, 99), 0ms);
    EXPECT_EQ(percentile({5ms}, 1), 5ms);
    EXPECT_EQ(percentile({3ms, 1ms, 2ms, 4ms}, 50), 2ms);
    EXPECT_EQ(percentile({3ms, 1ms, 2ms, 4ms}, 99), 4ms);
    EXPECT_EQ(percentile({3ms, 1ms, 2ms, 4ms}, 100), 4ms);
}

TEST(Metrics, AreSummedOverTheirLabels) {
    const Sums sums = sums_of(
        "# HELP a b\n# TYPE a counter\na{x=\"1 2} 3\",y=\"\"} 2\na{x=\"4\"} 5\nb 1.5\n\nc nonsense\n");
    EXPECT_EQ(sums.at("a"), 7);
    EXPECT_EQ(sums.at("b"), 1.5);
    EXPECT_EQ(sums.size(), 2U);
}

TEST(Log, SaysWhereTheHttpServerListens) {
    EXPECT_EQ(
        listening_address(R"({"time":"x","event":"listening","frontend":"http","address":"127.0.0.1:5"})"),
        "127.0.0.1:5");
    for (const char* line : {"", "text", "[]", R"({"event":"listening","frontend":"clamd","address":"x"})",
                             R"({"event":"serving"})", R"({"event":"listening")"})
        EXPECT_EQ(listening_address(line), std::nullopt) << line;
}

}   // namespace
}   // namespace microengine::ambassador
