// SPDX-License-Identifier: MIT
#include "host/report/text.hpp"

#include "host/report/columns.hpp"
#include "host/report/explain_text.hpp"
#include "host/report/phrases.hpp"
#include "tests/unit/report/samples.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace microengine::report {
namespace {

using core::Outcome, core::Reason, core::Verdict;
using testing::HasSubstr;
using testing::Not;

TEST(Text, ColourOnlyWhenAskedFor) {
    for (const samples::Sample& sample : samples::all()) {
        EXPECT_THAT(to_text(sample.report, {}), Not(HasSubstr("\x1b"))) << sample.name;
        EXPECT_THAT(explain(sample.report, {}), Not(HasSubstr("\x1b"))) << sample.name;
        EXPECT_THAT(to_text(sample.report, {.colour = true, .width = 0}), HasSubstr("\x1b[")) << sample.name;
    }
    EXPECT_THAT(to_text(samples::named("benign"), {.colour = true, .width = 0}),
                testing::StartsWith("\x1b[32mbenign\x1b[0m      samples/plain.txt"));
}

TEST(Text, WithoutAWidthEveryArtifactIsOneLine) {
    for (const samples::Sample& sample : samples::all())
        EXPECT_THAT(to_text(sample.report, {}), Not(HasSubstr("\n"))) << sample.name;
}

TEST(Text, UnknownWithoutExplanationStillSaysWhoIsMissing) {
    core::Report report = samples::named("unknown");
    report.combined.explanation.clear();
    EXPECT_THAT(to_text(report, {}), HasSubstr("no answer of vendor_x (crashed: signal)"));
}

TEST(Text, ManyAccusersAreCut) {
    core::Report report =
        samples::report("a", Verdict::malicious,
                        {samples::row("a", Verdict::malicious), samples::row("b", Verdict::malicious),
                         samples::row("c", Verdict::suspicious), samples::row("d", Verdict::malicious),
                         samples::row("e", Verdict::malicious), samples::row("f", Verdict::benign)});
    report.combined.name = "X";
    EXPECT_THAT(to_text(report, {}), HasSubstr("X (a, b, c and 2 more)"));
}

TEST(Phrases, SayOutcomeAndVerdictTogether) {
    struct Case {
        Outcome outcome;
        Reason reason;
        Verdict verdict;
        std::optional<core::Partial> partial;
        std::string says;
    };
    const Case cases[] = {
        {Outcome::completed, Reason::none, Verdict::benign, {}, "benign"},
        {Outcome::completed, Reason::none, Verdict::unknown, {}, "no opinion"},
        {Outcome::completed, Reason::none, Verdict::unknown, core::Partial::too_deep,
         "saw only a part: too deep"},
        {Outcome::completed, Reason::none, Verdict::suspicious, core::Partial::corrupt,
         "suspicious, saw only a part: corrupt"},
        {Outcome::unsupported, Reason::url, Verdict::unknown, {}, "unsupported: url"},
        {Outcome::timed_out, Reason::timeout, Verdict::unknown, {}, "timed out"},
        {Outcome::timed_out, Reason::deadline, Verdict::malicious, {}, "malicious, then timed out: deadline"},
        {Outcome::skipped, Reason::too_big, Verdict::unknown, {}, "skipped: too big"},
        {Outcome::failed, Reason::none, Verdict::unknown, {}, "failed"},
    };
    for (const Case& given : cases) {
        core::ScanResult row = samples::row("a", given.verdict);
        row.outcome = given.outcome;
        row.reason = given.reason;
        row.partial = given.partial;
        EXPECT_EQ(what_it_said(row), given.says);
    }
}

TEST(Columns, CountCharactersNotBytes) {
    EXPECT_EQ(display_width("caf\xC3\xA9 \xE2\x82\xAC"), 6u);
    EXPECT_EQ(padded("\xC3\xA9", 3), "\xC3\xA9  ");
    EXPECT_EQ(padded("long", 2), "long");
}

TEST(Columns, FoldAtBlanksAndNeverInsideAWord) {
    EXPECT_EQ(folded("one two three", 2, 9), "  one two\n  three");
    EXPECT_EQ(folded("unbreakable", 2, 5), "  unbreakable");
    EXPECT_EQ(folded("one two three", 2, 0), "  one two three");
    EXPECT_EQ(folded("", 2, 9), "  ");
}

TEST(Columns, ATableAlignsAndLeavesEmptyColumnsOut) {
    Table table({{"name"}, {"nothing"}, {"size", true}}, {});
    table.row({{"\xC3\xA9"}, {""}, {"7"}});
    table.note("a note");
    table.row({{"longer"}, {""}, {"1,234"}});
    EXPECT_EQ(table.text(1),
              " name     size\n"
              " \xC3\xA9           7\n"
              "           a note\n"
              " longer  1,234\n");
}

TEST(Columns, ColourDoesNotCountAsWidth) {
    Table table({{"a"}, {"b"}}, {.colour = true, .width = 0});
    table.row({{"x", Verdict::benign}, {"y"}});
    EXPECT_EQ(table.text(0), "a  b\n\x1b[32mx\x1b[0m  y\n");
}

TEST(Columns, DecimalsHaveAPoint) {
    EXPECT_EQ(decimals(0.5, 2), "0.50");
    EXPECT_EQ(decimals(1e300, 0).size(), 301u);
}

}   // namespace
}   // namespace microengine::report
