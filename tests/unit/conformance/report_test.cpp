// SPDX-License-Identifier: MIT
#include "host/conformance/report.hpp"

#include <gmock/gmock.h>

namespace microengine::conformance {
namespace {

using testing::HasSubstr;

Ran ran(Status status, std::string seen, std::vector<Finding> findings = {}) {
    return {
        .test = &tests().front(), .status = status, .seen = std::move(seen), .findings = std::move(findings)};
}

Subject subject() {
    return {.options = {},
            .seed = 42,
            .file = "/p/mine.so",
            .vetted = util::fail(util::Errc::plugin, "", "no_note: none"),
            .settings_problems = {},
            .settings = {},
            .helper = {}};
}

TEST(Report, ALineIsStatusNameAndWhatWasSeen) {
    EXPECT_EQ(line_of(ran(Status::passed, "fine")), "pass  static/vetted           fine\n");
    EXPECT_EQ(line_of(ran(Status::skipped, "")), "skip  static/vetted\n");
}

TEST(Report, AFailureHasReasonAndFixBelow) {
    EXPECT_EQ(line_of(ran(
                  Status::failed, "",
                  {{.reason = "it\nfell", .fix = "hold it"}, {.reason = "odd", .fix = "", .error = false}})),
              "FAIL  static/vetted\n"
              "      it\n"
              "      fell\n"
              "      fix: hold it\n"
              "      warning: odd\n");
}

TEST(Report, WhatAPluginSaysCannotSteerATerminal) {
    EXPECT_EQ(line_of(ran(Status::failed, "\x1b[2J", {{.reason = "\x1b]0;", .fix = "x"}})).find('\x1b'),
              std::string::npos);
}

TEST(Report, TheSummaryCountsAndSaysHowToRepeat) {
    EXPECT_EQ(
        summary(subject(), {ran(Status::passed, ""), ran(Status::warned, ""), ran(Status::skipped, "")}),
        "1 passed, 1 passed with warnings, 1 skipped\n");
    EXPECT_EQ(summary(subject(), {ran(Status::failed, "")}), "1 failed; --seed 42 repeats it\n");
}

TEST(Report, TheExitCodeIsOneForAFailureOnly) {
    EXPECT_EQ(exit_code({ran(Status::passed, ""), ran(Status::warned, ""), ran(Status::skipped, "")}), 0);
    EXPECT_EQ(exit_code({ran(Status::passed, ""), ran(Status::failed, "")}), 1);
}

TEST(Report, WhatCouldNotBeTriedHasNotPassed) {
    Ran untried = ran(Status::skipped, "it is not vetted");
    untried.impossible = true;
    EXPECT_EQ(exit_code({ran(Status::passed, ""), untried}), 2);
    EXPECT_EQ(exit_code({ran(Status::failed, ""), untried}), 1);
    EXPECT_EQ(summary(subject(), {untried}), "1 skipped; it could not be tested\n");
    EXPECT_THAT(json_of(subject(), {untried}), HasSubstr(R"("passed": false)"));
}

TEST(Report, JsonHasTheSame) {
    const std::string json =
        json_of(subject(), {ran(Status::failed, "", {{.reason = "odd \xff", .fix = "mend"}})});
    EXPECT_THAT(json, HasSubstr(R"("schema": "microengine.check/1")"));
    EXPECT_THAT(json, HasSubstr(R"("status": "fail")"));
    EXPECT_THAT(json, HasSubstr(R"("severity": "error")"));
    EXPECT_THAT(json, HasSubstr(R"("passed": false)"));
}

TEST(Chosen, ByNameOrGroupAndFuzzOnlyWhenAsked) {
    Options options;
    const std::size_t all = chosen(options).size();
    options.fuzz = FuzzBudget{.count = 1};
    EXPECT_EQ(chosen(options).size(), all + 1);
    options.only = {"scan/eicar", "static/"};
    EXPECT_EQ(chosen(options).size(), 6U);
    options.only = {"nothing"};
    EXPECT_TRUE(chosen(options).empty());
}

}   // namespace
}   // namespace microengine::conformance
