// SPDX-License-Identifier: MIT
// Reports in the words of clamd's clients: each verdict, each reason, and that unknown is never OK.
#include "host/frontends/clamd/replies.hpp"

#include "tests/unit/clamd/scripted_fixture.hpp"

#include <algorithm>
#include <set>

namespace microengine::clamd {
namespace {

using core::Outcome;
using core::Partial;
using core::Reason;
using core::Verdict;

core::Report named(core::Report report, const std::string& name) {
    report.combined.name = name;
    return report;
}

core::ScanResult failing(Outcome outcome, Reason reason, std::optional<Partial> partial = std::nullopt) {
    core::ScanResult out = row("acme", Verdict::unknown);
    out.outcome = outcome;
    out.reason = reason;
    out.partial = partial;
    return out;
}

std::string text_of(const core::Report& report, const core::ClamdSettings& settings = {}) {
    return answer_of(report, settings).text;
}

TEST(Replies, EachVerdictHasItsWord) {
    core::ClamdSettings ok;
    ok.suspicious_as = core::SuspiciousAs::ok;
    core::ClamdSettings limits;
    limits.unknown_as = core::UnknownAs::limits;
    const core::Report benign = report(Verdict::benign, {row("acme", Verdict::benign)});
    const core::Report bad = found("Bad");
    const core::Report odd =
        named(report(Verdict::suspicious, {row("acme", Verdict::suspicious, {"Odd"})}), "Odd");
    const core::Report unknown = report(Verdict::unknown, {failing(Outcome::timed_out, Reason::deadline)});
    EXPECT_EQ(text_of(benign), "OK");
    EXPECT_EQ(text_of(bad), "acme.Bad FOUND");
    EXPECT_EQ(text_of(odd), "Suspicious.acme.Odd FOUND");
    EXPECT_EQ(text_of(odd, ok), "OK");
    EXPECT_EQ(text_of(bad, ok), "acme.Bad FOUND");
    EXPECT_EQ(text_of(unknown), "Exceeded time limit ERROR");
    EXPECT_EQ(text_of(unknown, limits), "Heuristics.Limits.Exceeded.ExceededTimeLimit FOUND");
    EXPECT_EQ(text_of(unknown, ok), "Exceeded time limit ERROR");
}

TEST(Replies, AFindStandsAlthoughAnotherBackendFailed) {
    core::Report report = found("Bad");
    report.results.push_back(failing(Outcome::crashed, Reason::signal));
    EXPECT_EQ(text_of(report), "acme.Bad FOUND");
}

/// The closed list, which docs/clamd.md shows.
bool is_reason(const std::string& text) {
    static const std::set<std::string> all{"Exceeded time limit",
                                           "Backend crashed",
                                           "Backend failed",
                                           "Not enough backends answered",
                                           "Required backend missing",
                                           "Exceeded max scan size",
                                           "Artifact too large",
                                           "Queue full",
                                           "Shutting down",
                                           "Can't open file or directory",
                                           "Can't create temporary file",
                                           "Can't allocate memory"};
    const std::string_view error = " ERROR";
    return text.ends_with(error) && all.contains(text.substr(0, text.size() - error.size()));
}

TEST(Replies, WhateverMadeItUnknownItIsNeverOk) {
    core::ClamdSettings lenient;
    lenient.suspicious_as = core::SuspiciousAs::ok;
    core::ClamdSettings limits = lenient;
    limits.unknown_as = core::UnknownAs::limits;
    const auto last = [](auto value) { return static_cast<int>(value); };
    for (int outcome = 0; outcome <= last(Outcome::skipped); ++outcome)
        for (int reason = 0; reason <= last(Reason::cancelled); ++reason)
            for (int partial = -1; partial <= last(Partial::truncated); ++partial)
                for (const bool unread : {false, true}) {
                    core::Report unknown = report(
                        Verdict::unknown,
                        {row("other", Verdict::benign),
                         failing(static_cast<Outcome>(outcome), static_cast<Reason>(reason),
                                 partial < 0 ? std::nullopt : std::optional(static_cast<Partial>(partial)))});
                    if (unread) unknown.error = "could not be read";
                    ASSERT_TRUE(is_reason(text_of(unknown, lenient))) << text_of(unknown, lenient);
                    const Answer as_limit = answer_of(unknown, limits);
                    ASSERT_EQ(as_limit.kind, Answer::Kind::found);
                    ASSERT_TRUE(as_limit.text.starts_with("Heuristics.Limits.Exceeded."));
                }
    EXPECT_TRUE(is_reason(text_of(report(Verdict::unknown)))) << "without any backend too";
}

TEST(Replies, TheReasonThatAPersonWouldLookForFirst) {
    const auto of = [](Outcome outcome, Reason reason, std::optional<Partial> partial = std::nullopt) {
        return text_of(report(Verdict::unknown, {failing(outcome, reason, partial)}));
    };
    EXPECT_EQ(of(Outcome::crashed, Reason::signal), "Backend crashed ERROR");
    EXPECT_EQ(of(Outcome::timed_out, Reason::timeout), "Exceeded time limit ERROR");
    EXPECT_EQ(of(Outcome::failed, Reason::plugin_error), "Backend failed ERROR");
    EXPECT_EQ(of(Outcome::failed, Reason::out_of_memory), "Can't allocate memory ERROR");
    EXPECT_EQ(of(Outcome::skipped, Reason::too_big), "Artifact too large ERROR");
    EXPECT_EQ(of(Outcome::skipped, Reason::no_time), "Exceeded time limit ERROR");
    EXPECT_EQ(of(Outcome::skipped, Reason::breaker_open), "Backend failed ERROR");
    EXPECT_EQ(of(Outcome::skipped, Reason::cancelled), "Shutting down ERROR");
    EXPECT_EQ(of(Outcome::completed, Reason::none, Partial::time_limit), "Exceeded time limit ERROR");
    EXPECT_EQ(of(Outcome::completed, Reason::none, Partial::too_large), "Exceeded max scan size ERROR");
    EXPECT_EQ(of(Outcome::completed, Reason::none, Partial::encrypted), "Not enough backends answered ERROR");
    EXPECT_EQ(of(Outcome::unsupported, Reason::type), "Not enough backends answered ERROR");
    core::Report missing = report(Verdict::unknown, {failing(Outcome::crashed, Reason::signal)});
    missing.combined.reason = core::UnknownBecause::required;
    EXPECT_EQ(text_of(missing), "Required backend missing ERROR");
}

TEST(Replies, AllMatchesAreEachBackendsAndAtMostAHundred) {
    core::Report report = found("Bad");
    report.results[0].detections.push_back(report.results[0].detections[0]);
    report.results.push_back(row("clamav", Verdict::malicious, {"Win.Bad-1", "Win.Bad-2"}));
    report.results.push_back(row("mild", Verdict::suspicious, {"Odd"}));
    core::ScanResult informs = row("packer", Verdict::unknown, {"UPX"});
    report.results.push_back(informs);
    std::vector<std::string> lines;
    for (const Answer& answer : all_answers_of(report, {})) lines.push_back(answer.text);
    EXPECT_THAT(lines, testing::ElementsAre("acme.Bad FOUND", "Win.Bad-1 FOUND", "Win.Bad-2 FOUND",
                                            "Suspicious.mild.Odd FOUND"));
    std::vector<std::string> many;
    for (int i = 0; i < 500; ++i) many.push_back("Bad" + std::to_string(i));
    report.results[1] = row("clamav", Verdict::malicious, many);
    EXPECT_EQ(all_answers_of(report, {}).size(), 100U);
    const auto of_benign = all_answers_of(microengine::clamd::report(Verdict::benign, report.results), {});
    ASSERT_EQ(of_benign.size(), 1U);
    EXPECT_EQ(of_benign[0].text, "OK") << "outvoted";
}

TEST(Replies, AVersionThatParsersRead) {
    const auto backend = [](const std::string& name, const std::string& version, std::int64_t date) {
        auto facts = std::make_shared<core::BackendFacts>();
        facts->plugin_id = "org.microengine." + name;
        facts->signatures = core::SignatureFacts{.version = version, .date_unix = date, .count = 1};
        return std::shared_ptr<const core::BackendFacts>(std::move(facts));
    };
    const auto clamav = backend("clamav", "1.4.3, daily 27500, main 62", 1'736'156'455);
    EXPECT_EQ(version_text({clamav}, 7, "1.4.6"), "ClamAV 1.4.3/27500/Mon Jan  6 09:40:55 2025");
    const auto yara = backend("yara", "sha256:9f2c", 1'736'156'456);
    EXPECT_EQ(version_text({clamav, yara}, 7, "1.4.6"), "ClamAV 1.4.3/27500/Mon Jan  6 09:40:56 2025")
        << "the newest signatures' time";
    EXPECT_EQ(version_text({yara}, 7, "1.4.6"), "ClamAV 1.4.6/7/Mon Jan  6 09:40:56 2025");
    EXPECT_EQ(version_text({backend("clamav", "1.4.3", 0)}, 7, "1.4.6"),
              "ClamAV 1.4.3/7/Thu Jan  1 00:00:00 1970");
    EXPECT_EQ(version_text({}, 0, "1.4.6"), "ClamAV 1.4.6/1/Thu Jan  1 00:00:00 1970")
        << "c-icap wants a number above 0";
}

}   // namespace
}   // namespace microengine::clamd
