// SPDX-License-Identifier: MIT
#include "host/report/names.hpp"

#include "tests/unit/report/samples.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace microengine::report {
namespace {

using core::Outcome, core::Partial, core::Reason, core::UnknownBecause, core::Verdict;
using samples::facts, samples::row;
using testing::HasSubstr;
using testing::Not;

core::ScanResult finds(const std::string& backend, Verdict verdict, const std::string& name) {
    core::ScanResult out = row(backend, verdict);
    out.detections.emplace_back();
    out.detections[0].name = name;
    out.detections[0].verdict = verdict;
    return out;
}

core::Report report(Verdict verdict, std::vector<core::ScanResult> rows, const std::string& name = "") {
    core::Report out = samples::report("a", verdict, std::move(rows));
    out.combined.name = name;
    return out;
}

TEST(ClamName, LetsNothingThroughThatClientsCutAt) {
    EXPECT_EQ(clam_name("Win.Trojan_a/b!+-{X}9"), "Win.Trojan_a/b!+-{X}9");
    EXPECT_EQ(clam_name("a b:c(d)\n\xC3\xA9\\"), "a_b_c_d_____");
    EXPECT_EQ(clam_name("FOUNDFOUND.FOUN.Found"), "FoundFound.FOUN.Found");
}

TEST(ClamName, LongOnesKeepTheirHeadAndAreStillTold_Apart) {
    const std::string just(kMaxClamName, 'a');
    EXPECT_EQ(clam_name(just), just);
    const std::string one = clam_name(just + "1");
    const std::string two = clam_name(just + "2");
    EXPECT_EQ(one.size(), kMaxClamName);
    EXPECT_EQ(one.substr(0, 54), std::string(53, 'a') + ".");
    EXPECT_NE(one, two);
    EXPECT_EQ(one, clam_name(just + "1"));
}

TEST(ClamName, SaysWhoseNameItIs) {
    EXPECT_EQ(
        clam_name(report(Verdict::malicious, {finds("clamav", Verdict::malicious, "Eicar-Test-Signature")})),
        "Eicar-Test-Signature");
    EXPECT_EQ(clam_name(report(Verdict::malicious, {finds("yara", Verdict::malicious, "rule_1")})),
              "YARA.rule_1.UNOFFICIAL");
    EXPECT_EQ(clam_name(report(Verdict::malicious, {finds("acme av", Verdict::malicious, "X")})),
              "acme_av.X");
    core::ScanResult renamed = finds("clamav", Verdict::malicious, "X.UNOFFICIAL");
    facts(renamed).policy.name = "my scanner";
    EXPECT_EQ(clam_name(report(Verdict::malicious, {renamed})), "X.UNOFFICIAL")
        << "the plugin decides, not the name";
}

TEST(ClamName, IsThatOfTheStrongestAccuser) {
    core::ScanResult heavy = finds("b", Verdict::malicious, "Heavy");
    facts(heavy).policy.weight = 20'000;
    core::ScanResult observer = finds("o", Verdict::malicious, "Ignored");
    facts(observer).policy.weight = 0;
    const core::ScanResult light = finds("a", Verdict::malicious, "Light");
    const core::ScanResult weak = finds("s", Verdict::suspicious, "Weak");
    EXPECT_EQ(clam_name(report(Verdict::malicious, {observer, weak, light, heavy})), "b.Heavy");
    EXPECT_EQ(clam_name(report(Verdict::malicious, {light, finds("c", Verdict::malicious, "Later")})),
              "a.Light");
    EXPECT_EQ(clam_name(report(Verdict::suspicious, {observer, weak})), "Suspicious.s.Weak");
    EXPECT_EQ(clam_name(report(Verdict::suspicious, {weak, light})), "Suspicious.a.Light");
}

TEST(ClamName, IsNeverEmpty) {
    EXPECT_EQ(clam_name(report(Verdict::malicious, {row("acme", Verdict::malicious)})), "acme.Unnamed");
    EXPECT_EQ(clam_name(report(Verdict::malicious, {row("yara", Verdict::malicious)})), "yara.Unnamed");
    EXPECT_EQ(clam_name(report(Verdict::malicious, {})), "Microengine.Blocked");
}

TEST(ClamName, WithEveryPrefixIsShortEnough) {
    const std::string name =
        clam_name(report(Verdict::suspicious, {finds("yara", Verdict::suspicious, std::string(200, 'x'))}));
    EXPECT_EQ(name.size(), kMaxClamName);
    EXPECT_TRUE(name.starts_with("Suspicious.YARA.xxx")) << name;
}

TEST(ClamName, OfOneDetectionForListsOfAll) {
    core::ScanResult yara = finds("yara", Verdict::malicious, "bad");
    yara.detections.push_back(finds("yara", Verdict::suspicious, "odd").detections[0]);
    EXPECT_EQ(clam_name(yara, yara.detections[0]), "YARA.bad.UNOFFICIAL");
    EXPECT_EQ(clam_name(yara, yara.detections[1]), "Suspicious.YARA.odd.UNOFFICIAL");
}

struct Because {
    const char* name;
    Outcome outcome;
    Reason reason;
    std::optional<Partial> partial;
    UnknownBecause because;
    std::string_view says;
};
std::ostream& operator<<(std::ostream& out, const Because& because) { return out << because.name; }

class ClamReason : public testing::TestWithParam<Because> {};

TEST_P(ClamReason, IsFromTheClosedList) {
    const Because& given = GetParam();
    core::ScanResult missing = row("vendor", Verdict::unknown);
    missing.outcome = given.outcome;
    missing.reason = given.reason;
    missing.partial = given.partial;
    core::Report out = report(Verdict::unknown, {row("clamav", Verdict::benign), missing});
    out.combined.missing = {"vendor"};
    out.combined.reason = given.because;
    const std::string says(clam_reason(out));
    EXPECT_EQ(says, given.says);
    EXPECT_LE(says.size(), 60u);
    EXPECT_THAT(says, Not(HasSubstr(":")));
    EXPECT_THAT(says, Not(HasSubstr("FOUND")));
    EXPECT_FALSE(says.starts_with("OK"));
}

constexpr auto kMissing = UnknownBecause::missing_votes;
INSTANTIATE_TEST_SUITE_P(
    Table, ClamReason,
    testing::Values(
        Because{"Timeout", Outcome::timed_out, Reason::timeout, {}, kMissing, "Exceeded time limit"},
        Because{"NoTime", Outcome::skipped, Reason::no_time, {}, kMissing, "Exceeded time limit"},
        Because{"PartialByTime", Outcome::completed, Reason::none, Partial::time_limit, kMissing,
                "Exceeded time limit"},
        Because{"Crash", Outcome::crashed, Reason::signal, {}, kMissing, "Backend crashed"},
        Because{"Failure", Outcome::failed, Reason::io, {}, kMissing, "Backend failed"},
        Because{"NotReady", Outcome::skipped, Reason::not_ready, {}, kMissing, "Backend failed"},
        Because{"OutOfMemory", Outcome::failed, Reason::out_of_memory, {}, kMissing, "Can't allocate memory"},
        Because{"TooBigForIt", Outcome::skipped, Reason::too_big, {}, kMissing, "Exceeded max scan size"},
        Because{"PartialBySize", Outcome::completed, Reason::none, Partial::too_large, kMissing,
                "Exceeded max scan size"},
        Because{"Encrypted", Outcome::completed, Reason::none, Partial::encrypted, kMissing,
                "Not enough backends answered"},
        Because{"QueueFull", Outcome::skipped, Reason::overloaded, {}, kMissing, "Queue full"},
        Because{"Stopping", Outcome::skipped, Reason::cancelled, {}, kMissing, "Shutting down"},
        Because{"Required",
                Outcome::crashed,
                Reason::signal,
                {},
                UnknownBecause::required,
                "Required backend missing"}),
    [](const auto& because) { return because.param.name; });

TEST(ClamReasons, WithoutMissingVotesThereWereTooFew) {
    core::Report out = report(Verdict::unknown, {row("clamav", Verdict::unknown)});
    out.combined.reason = UnknownBecause::all_abstained;
    EXPECT_EQ(clam_reason(out), "Not enough backends answered");
    out.combined.reason = UnknownBecause::quorum;
    EXPECT_EQ(clam_reason(out), "Not enough backends answered");
}

TEST(ClamReasons, OfAnArtifactThatCouldNotBeRead) {
    core::Report out = samples::named("unread");
    EXPECT_EQ(clam_reason(out), "Can't open file or directory");
    out.results[0].reason = Reason::too_big;
    EXPECT_EQ(clam_reason(out), "Artifact too large");
}

}   // namespace
}   // namespace microengine::report
