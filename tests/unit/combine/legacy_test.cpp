// SPDX-License-Identifier: MIT
#include "host/combine/legacy.hpp"

#include "host/combine/combine.hpp"
#include "tests/unit/combine/rows.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::combine {
namespace {

using core::Verdict;
using testing::parse_rows;

Legacy view(std::string_view text, const std::vector<std::string>& metadata = {}) {
    const auto rows = parse_rows(text);
    return legacy_view(combine({.strategy = core::Strategy::any, .suspicious_threshold = {}}, rows), rows,
                       metadata);
}

struct Case {
    std::string name, rows;
    bool bit, verdict;
    double confidence;
};

void PrintTo(const Case& wanted, std::ostream* out) { *out << wanted.name; }

class LegacyView : public ::testing::TestWithParam<Case> {};

TEST_P(LegacyView, IsTheTutorialsAnswerOrPolicy) {
    const Legacy legacy = view(GetParam().rows);
    EXPECT_EQ(legacy.bit, GetParam().bit);
    EXPECT_EQ(legacy.verdict, GetParam().verdict);
    EXPECT_DOUBLE_EQ(legacy.confidence, GetParam().confidence);
}

INSTANTIATE_TEST_SUITE_P(Table, LegacyView,
                         ::testing::Values(Case{"Malicious", "M M(.5) B", true, true, 0.75},
                                           Case{"Benign", "B B(.5) A", true, false, 0.75},
                                           Case{"Suspicious", "S B", false, true, 1.0},
                                           Case{"NobodyAsserts", "A A", false, false, 0.0},
                                           Case{"AHitStillWinsOverAHang", "M X", true, true, 1.0},
                                           Case{"ALookCutShortIsNotBenign", "B b", false, false, 0.0},
                                           Case{"NoMeanAcrossDissent", "M B(0)", true, true, 1.0},
                                           Case{"ObserversDoNotCount", "M(w0) B(.5)", true, false, 0.5}),
                         [](const auto& each) { return each.param.name; });

TEST(LegacyMetadata, KeepsEmptyTextsInConfigOrder) {
    EXPECT_EQ(view("M M A", {"a", "b", ""}).metadata, "a;b;");
}

TEST(LegacyMetadata, EscapesWhatWouldMakeTheJoinAmbiguous) {
    EXPECT_EQ(view("M M", {"a;b", "c\n"}).metadata, "a\\x3bb;c\\x0a");
}

}   // namespace
}   // namespace microengine::combine
