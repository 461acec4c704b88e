// SPDX-License-Identifier: MIT
#include "host/report/sarif.hpp"

#include "host/report/uri.hpp"
#include "tests/unit/report/samples.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace microengine::report {
namespace {

using core::Verdict;
using nlohmann::json;

json run_of(const std::vector<core::Report>& reports) {
    SarifWriter writer("1.2.3");
    std::string text = writer.begin();
    for (const core::Report& report : reports) text += writer.add(report);
    text += writer.finish();
    const json document = json::parse(text);
    EXPECT_EQ(document.at("version"), "2.1.0");
    EXPECT_EQ(document.at("runs").size(), 1u);
    return document.at("runs").at(0);
}

TEST(Sarif, NothingScannedIsAValidRun) {
    const json run = run_of({});
    EXPECT_TRUE(run.at("results").empty());
    EXPECT_EQ(run.at("invocations").at(0).at("executionSuccessful"), true);
    EXPECT_EQ(run.at("tool").at("driver").at("semanticVersion"), "1.2.3");
}

TEST(Sarif, BenignIsNoResultEvenIfOutvoted) {
    const json run =
        run_of({samples::named("benign"), samples::named("outvoted"), samples::named("allowed")});
    EXPECT_TRUE(run.at("results").empty());
    EXPECT_TRUE(run.at("artifacts").empty());
}

TEST(Sarif, EachRuleOfAFindIsOneResultAndOneRuleAltogether) {
    const json run = run_of({samples::named("eicar"), samples::named("eicar")});
    EXPECT_EQ(run.at("results").size(), 6u);
    EXPECT_EQ(run.at("tool").at("driver").at("rules").size(), 3u);
    EXPECT_EQ(run.at("artifacts").size(), 2u);
    for (const json& result : run.at("results")) {
        const auto rule = result.at("ruleIndex").get<std::size_t>();
        EXPECT_EQ(run.at("tool").at("driver").at("rules").at(rule).at("id"), result.at("ruleId"));
        EXPECT_EQ(result.at("level"), "error");
    }
    EXPECT_EQ(run.at("results").at(0).at("partialFingerprints"),
              run.at("results").at(3).at("partialFingerprints"));
    EXPECT_NE(run.at("results").at(0).at("partialFingerprints"),
              run.at("results").at(1).at("partialFingerprints"));
}

TEST(Sarif, EveryFindHasAResult) {
    for (const samples::Sample& sample : samples::all()) {
        const Verdict verdict = sample.report.combined.verdict;
        const json run = run_of({sample.report});
        EXPECT_EQ(!run.at("results").empty(), verdict == Verdict::malicious || verdict == Verdict::suspicious)
            << sample.name;
        EXPECT_EQ(run.at("invocations").at(0).at("executionSuccessful"), verdict != Verdict::unknown)
            << sample.name;
    }
    const json unnamed =
        run_of({samples::report("a", Verdict::malicious, {samples::row("acme", Verdict::malicious)})});
    EXPECT_EQ(unnamed.at("results").at(0).at("ruleId"), "acme/malicious");
}

TEST(Sarif, SuspiciousIsAWarningWhateverOneBackendThinks) {
    core::Report report = samples::named("eicar");
    report.combined.verdict = Verdict::suspicious;
    EXPECT_EQ(run_of({report}).at("results").at(0).at("level"), "warning");
}

TEST(Sarif, ManyThatCouldNotBeJudgedAreSummedUp) {
    SarifWriter writer;
    std::string text = writer.begin();
    for (int i = 0; i < 1'005; ++i) text += writer.add(samples::named("unread"));
    writer.add_error("/locked", "cannot open the directory");
    text += writer.finish();
    const json invocation = json::parse(text).at("runs").at(0).at("invocations").at(0);
    EXPECT_EQ(invocation.at("toolExecutionNotifications").size(), 1'001u);
    EXPECT_EQ(invocation.at("toolExecutionNotifications").back().at("message").at("text"),
              "and 6 more that could not be judged");
}

TEST(Sarif, ARunThatWasInterruptedWasNotSuccessful) {
    SarifWriter writer;
    std::string text = writer.begin() + writer.add(samples::named("benign"));
    writer.interrupted("interrupted: 1 artifact in work was not finished, others not begun");
    text += writer.finish();
    const json invocation = json::parse(text).at("runs").at(0).at("invocations").at(0);
    EXPECT_EQ(invocation.at("executionSuccessful"), false);
    EXPECT_EQ(invocation.at("toolExecutionNotifications").size(), 1u);
    EXPECT_EQ(invocation.at("toolExecutionNotifications").at(0).at("message").at("text"),
              "interrupted: 1 artifact in work was not finished, others not begun");
}

TEST(Uri, OfPathsKeepsEveryByte) {
    EXPECT_EQ(uri_of_path("/a b/c#d?e%f"), "file:///a%20b/c%23d%3Fe%25f");
    EXPECT_EQ(uri_of_path("dir/a:b"), "dir/a%3Ab");
    EXPECT_EQ(uri_of_path("c:d"), "c%3Ad");
    EXPECT_EQ(uri_of_path("\xFF\n"), "%FF%0A");
    EXPECT_EQ(uri_of_path("-"), "-");
}

TEST(Uri, OfUrlsChangesOnlyWhatNoUriMayContain) {
    EXPECT_EQ(uri_of_url("https://a.example/b%20c?d=[e]&f#g"), "https://a.example/b%20c?d=[e]&f#g");
    EXPECT_EQ(uri_of_url("https://a.example/ \xC3\xA9\""), "https://a.example/%20%C3%A9%22");
}

}   // namespace
}   // namespace microengine::report
