// SPDX-License-Identifier: MIT
// A report of another machine's, judged by this one's rules.
#include "host/engine/engine.hpp"
#include "host/engine/slot.hpp"
#include "tests/support/fake_backend.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace microengine::engine {
namespace {

/// What the backends of another machine said: "a", "b", and so on.
core::Report report_of(const std::vector<std::pair<Outcome, Verdict>>& said) {
    core::Report report;
    for (const auto& [outcome, verdict] : said) {
        auto facts = std::make_shared<core::BackendFacts>();
        facts->policy.name = std::string(1, static_cast<char>('a' + report.results.size()));
        core::ScanResult row;
        row.backend = std::move(facts);
        row.outcome = outcome;
        row.verdict = verdict;
        report.results.push_back(std::move(row));
    }
    report.artifact.sha256 = util::Sha256{};
    report.combined.verdict = Verdict::benign;   // as that machine has it, whatever the rows say
    return report;
}

TEST(JudgeAgain, TheOtherMachinesVerdictCountsForNothing) {
    const auto here = generation({says(Verdict::benign)});
    auto failed = report_of({{Outcome::failed, Verdict::unknown}});
    ASSERT_TRUE(judge_again(*here, {}, failed));
    EXPECT_EQ(failed.combined.verdict, Verdict::unknown);
    auto found = report_of({{Outcome::completed, Verdict::malicious}});
    ASSERT_TRUE(judge_again(*here, {}, found));
    EXPECT_EQ(found.combined.verdict, Verdict::malicious);
}

TEST(JudgeAgain, PoliciesAreTheseMachines) {
    const auto here =
        std::make_shared<Generation>(*generation({says(Verdict::benign), says(Verdict::benign)}));
    core::BackendPolicy required;
    required.name = "b";
    required.required = true;
    here->backends[1].backend = std::make_shared<FakeBackend>(required, says(Verdict::benign), true);
    const auto rows =
        report_of({{Outcome::completed, Verdict::benign}, {Outcome::unsupported, Verdict::unknown}});
    auto strict = rows;
    ASSERT_TRUE(judge_again(*here, {}, strict));
    EXPECT_EQ(strict.combined.verdict, Verdict::unknown);
    EXPECT_TRUE(strict.results[1].backend->policy.required);
    auto lenient = rows;
    ASSERT_TRUE(judge_again(*generation({says(Verdict::benign), says(Verdict::benign)}), {}, lenient));
    EXPECT_EQ(lenient.combined.verdict, Verdict::benign);
}

TEST(JudgeAgain, RowsComeInThisMachinesOrderAndNoneMayBeMissing) {
    auto report =
        report_of({{Outcome::completed, Verdict::malicious}, {Outcome::completed, Verdict::benign}});
    std::swap(report.results[0], report.results[1]);
    ASSERT_TRUE(judge_again(*generation({says(Verdict::benign)}), {}, report));
    EXPECT_EQ(report.results[0].backend->policy.name, "a");
    EXPECT_EQ(report.results[1].backend->policy.name, "b") << "one that is not named here";
    auto less = report_of({{Outcome::completed, Verdict::benign}});
    const auto judged = judge_again(*generation({says(Verdict::benign), says(Verdict::benign)}), {}, less);
    ASSERT_FALSE(judged);
    EXPECT_EQ(judged.error(), "it says nothing of backend 'b': that worker has another configuration");
}

TEST(JudgeAgain, ABackendHasOneVoteHoweverOftenItIsToldOf) {
    auto report = report_of({{Outcome::completed, Verdict::benign}, {Outcome::completed, Verdict::benign}});
    report.results[1].backend = report.results[0].backend;
    const auto judged = judge_again(*generation({says(Verdict::benign)}), {}, report);
    ASSERT_FALSE(judged);
    EXPECT_EQ(judged.error(), "it says more than once what backend 'a' found");
}

}   // namespace
}   // namespace microengine::engine
