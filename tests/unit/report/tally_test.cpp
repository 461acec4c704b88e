// SPDX-License-Identifier: MIT
#include "host/report/tally.hpp"

#include "host/report/clamscan.hpp"
#include "tests/unit/report/samples.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace microengine::report {
namespace {

using core::Verdict;

Tally of(const std::vector<std::string>& names) {
    Tally tally;
    for (const std::string& name : names) tally.add(samples::named(name));
    return tally;
}

struct Run {
    const char* name;
    std::vector<std::string> reports;
    int errors;
    int code;             ///< with --fail-on suspicious, the default
    int code_malicious;   ///< with --fail-on malicious
};
std::ostream& operator<<(std::ostream& out, const Run& run) { return out << run.name; }

class ExitCode : public testing::TestWithParam<Run> {};

TEST_P(ExitCode, FollowsTheRules) {
    Tally tally = of(GetParam().reports);
    for (int i = 0; i < GetParam().errors; ++i) tally.add_error();
    EXPECT_EQ(exit_code(tally, FailOn::suspicious), GetParam().code);
    EXPECT_EQ(exit_code(tally, FailOn::malicious), GetParam().code_malicious);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ExitCode,
    testing::Values(Run{"NothingScannedIsNoSuccess", {}, 0, 2, 2}, Run{"OnlyErrors", {}, 1, 2, 2},
                    Run{"BenignIsSuccess", {"benign", "outvoted", "allowed"}, 0, 0, 0},
                    Run{"MaliciousIsAFind", {"benign", "eicar"}, 0, 1, 1},
                    Run{"SuspiciousIsAFindUnlessNarrowed", {"benign", "incomplete"}, 0, 1, 0},
                    Run{"UnknownIsNoSuccess", {"benign", "unknown"}, 0, 2, 2},
                    Run{"UnreadIsNoSuccess", {"benign", "unread"}, 0, 2, 2},
                    Run{"AnErrorBesideBenignIsNoSuccess", {"benign"}, 1, 2, 2},
                    Run{"AFindWinsOverAnError", {"eicar", "unread", "unknown"}, 3, 1, 1},
                    Run{"ANarrowedFindDoesNotHideAnError", {"incomplete", "unknown"}, 0, 1, 2}),
    [](const auto& run) { return run.param.name; });

TEST(Summary, CountsInWords) {
    Tally tally;
    tally.artifacts = 2274;
    tally.bytes = 311'000'000;
    tally.elapsed_ns = 4'100'000'000;
    tally.verdicts = {5, 2260, 1, 8};
    EXPECT_EQ(
        summary_text(tally, {}),
        "scanned 2,274 artifacts (311 MB) in 4.1 s: 8 malicious, 1 suspicious, 2,260 benign, 5 unknown");
    tally.unread = 1;
    tally.add_error();
    EXPECT_TRUE(summary_text(tally, {}).ends_with("5 unknown; 2 errors"));
}

TEST(Summary, LeavesOutWhatDidNotHappen) {
    Tally tally = of({"benign"});
    tally.elapsed_ns = 12'000'000;
    EXPECT_EQ(summary_text(tally, {}), "scanned 1 artifact (68 bytes) in 12 ms: 1 benign");
    EXPECT_EQ(summary_text(Tally{}, {}), "nothing was scanned");
    Tally nothing;
    nothing.add_error();
    EXPECT_EQ(summary_text(nothing, {}), "nothing was scanned: 1 error");
}

TEST(Tally, DoesNotCountBytesThatWereNotRead) {
    core::Report big = samples::named("unread");
    big.artifact.size = 5'000'000'000;
    Tally tally;
    tally.add(big);
    EXPECT_EQ(tally.bytes, 0u);
    EXPECT_EQ(tally.unread, 1u);
}

TEST(Clamscan, SummaryIsThatOfClamscan) {
    Tally tally = of({"eicar", "incomplete", "benign", "unread"});
    tally.add_error();
    tally.bytes = 3'000'000;
    tally.elapsed_ns = 62'105'900'000;
    const std::chrono::local_seconds start = std::chrono::local_days(std::chrono::year(2026) / 11 / 2) +
                                             std::chrono::hours(9) + std::chrono::minutes(7);
    const std::string text = clamscan_summary(
        tally,
        {.version = "0.1.0", .directories = 2, .started = start, .ended = start + std::chrono::seconds(62)});
    EXPECT_EQ(text,
              "\n----------- SCAN SUMMARY -----------\n"
              "Known viruses: 8700001\n"
              "Engine version: 0.1.0\n"
              "Scanned directories: 2\n"
              "Scanned files: 4\n"
              "Infected files: 2\n"
              "Total errors: 2\n"
              "Data scanned: 2.86 MB\n"
              "Data read: 2.86 MB (ratio 1.00:1)\n"
              "Time: 62.105 sec (1 m 2 s)\n"
              "Start Date: 2026:11:02 09:07:00\n"
              "End Date:   2026:11:02 09:08:02\n");
}

TEST(Clamscan, APathCannotForgeALine) {
    for (const samples::Sample& sample : samples::all())
        EXPECT_EQ(clamscan_line(sample.report).find('\n'), std::string::npos) << sample.name;
    EXPECT_EQ(clamscan_error("a\nb: OK"), "a\\x0ab: OK: Can't open file or directory ERROR");
}

TEST(Clamscan, OnlyBenignIsOk) {
    for (const samples::Sample& sample : samples::all())
        EXPECT_EQ(clamscan_line(sample.report).ends_with(": OK"),
                  sample.report.combined.verdict == Verdict::benign)
            << sample.name;
}

TEST(Tally, AnInterruptionCountsWhatWasInWork) {
    EXPECT_EQ(interrupted_text(1), "interrupted: 1 artifact in work was not finished, others not begun");
    EXPECT_EQ(interrupted_text(1'200),
              "interrupted: 1,200 artifacts in work were not finished, others not begun");
    EXPECT_EQ(interrupted_text(0),
              "interrupted: what was in work was finished, other artifacts may not have been begun");
}

}   // namespace
}   // namespace microengine::report
