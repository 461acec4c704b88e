// SPDX-License-Identifier: MIT
// The golden cases: the same rows under every strategy.

#include "host/combine/combine.hpp"
#include "tests/unit/combine/rows.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <ostream>
#include <string>

namespace microengine::combine {
namespace {

using core::Strategy;
using core::UnknownBecause;

enum class Set { nothing, tie_malicious, tie_benign, quorum_3 };

struct Golden {
    int number;
    std::string rows;
    Set set;
    std::string any, majority, weighted;
    std::string score;   ///< of weighted
};

void PrintTo(const Golden& golden, std::ostream* out) { *out << '#' << golden.number << ' ' << golden.rows; }

core::CombinerSettings settings_of(Strategy strategy, Set set) {
    core::CombinerSettings settings{.strategy = strategy, .suspicious_threshold = {}};
    if (set == Set::tie_malicious) settings.on_tie = core::Verdict::malicious;
    if (set == Set::tie_benign) settings.on_tie = core::Verdict::benign;
    if (set == Set::quorum_3) settings.quorum = 3;
    return settings;
}

std::string decimals(double value, int places) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%.*f", places, value);
    return text.data();
}

/// "suspicious* 0.33", "uM".
std::string said(const core::Combined& combined) {
    switch (combined.reason) {
        case UnknownBecause::all_abstained:
            return "uA";
        case UnknownBecause::no_votes:
            return "uN";
        case UnknownBecause::required:
            return "uR";
        case UnknownBecause::missing_votes:
            return "uM";
        case UnknownBecause::quorum:
            return "uQ";
        case UnknownBecause::none:
            break;
    }
    return std::string(core::to_text(combined.verdict)) + (combined.incomplete ? "* " : " ") +
           decimals(combined.confidence / 1e4, 2);
}

/// "0.333 =", "0.500 [0.333, 0.667]", "–" where there is none.
std::string scored(const core::Combined& combined) {
    const std::string score = combined.score ? decimals(*combined.score, 3) : "–";
    if (!combined.low || !combined.high) return score;
    if (combined.score == combined.low && combined.score == combined.high) return score + " =";
    return score + " [" + decimals(*combined.low, 3) + ", " + decimals(*combined.high, 3) + "]";
}

class GoldenCases : public ::testing::TestWithParam<Golden> {};

TEST_P(GoldenCases, AreAsTheDesignSays) {
    const Golden& golden = GetParam();
    const auto rows = testing::parse_rows(golden.rows);
    EXPECT_EQ(said(combine(settings_of(Strategy::any, golden.set), rows)), golden.any);
    EXPECT_EQ(said(combine(settings_of(Strategy::majority, golden.set), rows)), golden.majority);
    const core::Combined weighted = combine(settings_of(Strategy::weighted, golden.set), rows);
    EXPECT_EQ(said(weighted), golden.weighted);
    EXPECT_EQ(scored(weighted), golden.score);
}

// clang-format off
const std::array kGolden{
    Golden{1, "B B B", Set::nothing, "benign 1.00", "benign 1.00", "benign 1.00", "0.000 ="},
    Golden{2, "M B B", Set::nothing, "malicious 1.00", "benign 0.67", "suspicious 0.33", "0.333 ="},
    Golden{3, "M B", Set::nothing, "malicious 1.00", "suspicious 0.50", "suspicious 0.50", "0.500 ="},
    Golden{4, "M B", Set::tie_malicious, "malicious 1.00", "malicious 0.50", "malicious 0.50", "0.500 ="},
    Golden{5, "M B", Set::tie_benign, "malicious 1.00", "benign 0.50", "suspicious 0.50", "0.500 ="},
    Golden{6, "M(.2)", Set::nothing, "malicious 0.20", "malicious 0.20", "malicious 0.20", "1.000 ="},
    Golden{7, "M(.3) B", Set::nothing, "malicious 0.30", "suspicious 0.15", "benign 0.50", "0.231 ="},
    Golden{8, "S B", Set::nothing, "suspicious 1.00", "suspicious 0.50", "suspicious 0.50", "0.250 ="},
    Golden{9, "M S B", Set::nothing, "malicious 1.00", "suspicious 0.67", "suspicious 0.67", "0.500 ="},
    Golden{10, "A A A", Set::nothing, "uA", "uA", "uA", "–"},
    Golden{11, "X A", Set::nothing, "uN", "uN", "uN", "– [0.000, 1.000]"},
    Golden{12, "B B X", Set::nothing, "uM", "benign 0.67", "uM", "0.000 [0.000, 0.333]"},
    Golden{13, "B B B B X", Set::nothing, "uM", "benign 0.80", "benign 0.80", "0.000 [0.000, 0.200]"},
    Golden{14, "M B X", Set::nothing, "malicious 1.00", "uM", "suspicious* 0.33", "0.500 [0.333, 0.667]"},
    Golden{15, "M M B X", Set::nothing, "malicious 1.00", "suspicious* 0.50", "suspicious* 0.50", "0.667 [0.500, 0.750]"},
    Golden{16, "S B X", Set::nothing, "suspicious* 1.00", "uM", "uM", "0.250 [0.167, 0.500]"},
    Golden{17, "s B", Set::nothing, "suspicious* 1.00", "suspicious 0.50", "suspicious 0.50", "0.250 [0.250, 0.500]"},
    Golden{18, "B b", Set::nothing, "uM", "uM", "uM", "0.000 [0.000, 0.500]"},
    Golden{19, "B B A", Set::quorum_3, "uQ", "uQ", "uQ", "0.000 ="},
    Golden{20, "B B M", Set::quorum_3, "malicious 1.00", "uQ", "suspicious 0.33", "0.333 ="},
    Golden{21, "B B A(R)", Set::nothing, "uR", "uR", "uR", "0.000 ="},
    Golden{22, "B B B B X(R)", Set::nothing, "uR", "uR", "uR", "0.000 [0.000, 0.200]"},
    Golden{23, "B B B B M(R)", Set::nothing, "malicious 1.00", "suspicious 0.20", "suspicious 0.20", "0.200 ="},
    Golden{24, "B B B B M(V)", Set::nothing, "malicious 1.00", "malicious 1.00", "malicious 1.00", "0.200 ="},
    Golden{25, "B B B B X(V)", Set::nothing, "uM", "uM", "uM", "0.000 [0.000, 0.200]"},
    Golden{26, "M(w0) B", Set::nothing, "benign 1.00", "benign 1.00", "benign 1.00", "0.000 ="},
};
// clang-format on

INSTANTIATE_TEST_SUITE_P(Design, GoldenCases, ::testing::ValuesIn(kGolden),
                         [](const auto& each) { return "Row" + std::to_string(each.param.number); });

}   // namespace
}   // namespace microengine::combine
