// SPDX-License-Identifier: MIT
#include "tests/unit/report/golden.hpp"

#include "host/report/clamscan.hpp"
#include "host/report/explain_text.hpp"
#include "host/report/json.hpp"
#include "host/report/sarif.hpp"
#include "host/report/text.hpp"
#include "tests/unit/report/samples.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace microengine::report {
namespace {

// The version of a release must not change the golden files.
constexpr std::string_view kVersion = "1.2.3";

TEST(Golden, EveryReportAsJson) {
    for (const samples::Sample& sample : samples::all())
        support::expect_golden("report/" + sample.name + ".json",
                               to_json(sample.report, JsonStyle::pretty, kVersion) + "\n");
}

TEST(Golden, OneLineForEachArtifact) {
    std::string lines;
    for (const samples::Sample& sample : samples::all())
        lines += to_text(sample.report, {.colour = false, .width = 0}) + "\n";
    support::expect_golden("report/lines.txt", lines);
}

TEST(Golden, LinesFoldedForATerminal) {
    std::string lines;
    for (const samples::Sample& sample : samples::all())
        lines += to_text(sample.report, {.colour = false, .width = 72}) + "\n";
    support::expect_golden("report/lines_72.txt", lines);
}

TEST(Golden, EveryExplanation) {
    std::string blocks;
    for (const samples::Sample& sample : samples::all())
        blocks += explain(sample.report, {.colour = false, .width = 100}) + "\n";
    support::expect_golden("report/explain.txt", blocks);
}

TEST(Golden, LinesOfClamscan) {
    std::string lines;
    for (const samples::Sample& sample : samples::all()) lines += clamscan_line(sample.report) + "\n";
    support::expect_golden("report/clamscan.txt", lines);
}

TEST(Golden, SarifOfAll) {
    SarifWriter writer(kVersion);
    std::string text = writer.begin();
    for (const samples::Sample& sample : samples::all()) text += writer.add(sample.report);
    writer.add_error("/srv/locked dir", "cannot open the directory: Permission denied");
    text += writer.finish();
    support::expect_golden("report/all.sarif", text);
}

}   // namespace
}   // namespace microengine::report
