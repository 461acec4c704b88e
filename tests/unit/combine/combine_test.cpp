// SPDX-License-Identifier: MIT
// The two worked examples in full, overrides, names, and the early decision.

#include "host/combine/combine.hpp"

#include "host/combine/flips.hpp"
#include "host/combine/interval.hpp"
#include "tests/unit/combine/rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace microengine::combine {
namespace {

using core::Flip;
using core::Outcome;
using core::Override;
using core::Reason;
using core::Strategy;
using core::UnknownBecause;
using core::Verdict;
using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::lost;
using ::testing::Optional;
using testing::parse_rows;
using testing::row;

core::CombinerSettings with(Strategy strategy) { return {.strategy = strategy, .suspicious_threshold = {}}; }

std::vector<core::ScanResult> example_1() {
    return {row({.name = "clamav", .weight = 2}, Verdict::malicious, 1.0),
            row({.name = "yara"}, Verdict::malicious, 0.8), row({.name = "vendor_x"}, Verdict::benign),
            lost({.name = "vendor_y"}, Outcome::timed_out, Reason::timeout)};
}

std::vector<core::ScanResult> example_2() {
    return {row({.name = "yara"}, Verdict::malicious, 0.6),
            row({.name = "clamav", .weight = 2}, Verdict::benign),
            lost({.name = "vendor_x"}, Outcome::crashed, Reason::signal),
            lost({.name = "url_list"}, Outcome::unsupported, Reason::type)};
}

TEST(Example1, IsMaliciousWhateverIsMissing) {
    const core::Combined combined = combine(with(Strategy::weighted), example_1());
    EXPECT_EQ(combined.verdict, Verdict::malicious);
    EXPECT_EQ(combined.confidence, 5'600u);
    EXPECT_EQ(combined.reason, UnknownBecause::none);
    EXPECT_FALSE(combined.incomplete);
    EXPECT_EQ(combined.low_verdict, Verdict::malicious);
    EXPECT_EQ(combined.high_verdict, Verdict::malicious);
    EXPECT_THAT(combined.score, Optional(DoubleNear(2.8 / 3.8, 1e-12)));
    EXPECT_THAT(combined.low, Optional(DoubleNear(2.8 / 4.8, 1e-12)));
    EXPECT_THAT(combined.high, Optional(DoubleNear(3.8 / 4.8, 1e-12)));
    EXPECT_THAT(combined.contributions,
                ElementsAre(DoubleNear(2 / 3.8, 1e-12), DoubleNear(0.8 / 3.8, 1e-12), 0.0, 0.0));
    EXPECT_THAT(combined.missing, ElementsAre("vendor_y"));
    EXPECT_EQ(combined.quorum_have, 1u);
    EXPECT_FALSE(combined.decided_by);
}

TEST(Example1, IsDecidedAfterTheSecondHit) {
    const auto rows = example_1();
    std::vector<Vote> votes;
    for (const core::ScanResult& result : rows) votes.push_back(pending_vote(result.backend->policy));
    const core::CombinerSettings settings = with(Strategy::weighted);
    EXPECT_EQ(decided(settings, votes), std::nullopt);
    votes[0] = vote_of(rows[0]);
    EXPECT_NEAR(rule_of(Strategy::weighted).score(interval_of(settings, votes).low), 0.4, 1e-12);
    EXPECT_EQ(decided(settings, votes), std::nullopt);
    votes[1] = vote_of(rows[1]);
    EXPECT_EQ(decided(settings, votes), Verdict::malicious);
}

TEST(Example1, FlipsWithoutEitherAccuserAndForNothingTheMissingOneCouldSay) {
    const auto rows = example_1();
    const auto found = flips(combine(with(Strategy::weighted), rows), rows);
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[0].kind, Flip::Kind::removed);
    EXPECT_EQ(found[0].backend, "clamav");
    EXPECT_EQ(found[0].verdict, Verdict::suspicious);
    EXPECT_EQ(found[1].backend, "yara");
    EXPECT_EQ(found[1].verdict, Verdict::suspicious);
}

TEST(Example2, IsUnknownBecauseTheMissingVoteMatters) {
    const core::Combined combined = combine(with(Strategy::weighted), example_2());
    EXPECT_EQ(combined.verdict, Verdict::unknown);
    EXPECT_EQ(combined.confidence, 0u);
    EXPECT_FALSE(combined.confidence_set);
    EXPECT_EQ(combined.reason, UnknownBecause::missing_votes);
    EXPECT_EQ(combined.low_verdict, Verdict::benign);
    EXPECT_EQ(combined.high_verdict, Verdict::suspicious);
    EXPECT_THAT(combined.score, Optional(DoubleNear(0.6 / 2.6, 1e-12)));
    EXPECT_THAT(combined.low, Optional(DoubleNear(0.6 / 3.6, 1e-12)));
    EXPECT_THAT(combined.high, Optional(DoubleNear(1.6 / 3.6, 1e-12)));
    EXPECT_THAT(combined.missing, ElementsAre("vendor_x"));
}

TEST(Example2, SaysWhatTheMissingVoteWouldHaveDone) {
    auto rows = example_2();
    rows[2] = row({.name = "vendor_x"}, Verdict::benign);
    EXPECT_EQ(combine(with(Strategy::weighted), rows).verdict, Verdict::benign);
    EXPECT_EQ(combine(with(Strategy::weighted), rows).confidence, 7'500u);
    rows[2] = row({.name = "vendor_x"}, Verdict::malicious);
    EXPECT_EQ(combine(with(Strategy::weighted), rows).verdict, Verdict::suspicious);
    EXPECT_EQ(combine(with(Strategy::weighted), rows).confidence, 4'000u);
}

TEST(Example2, FlipsAsInTheReport) {
    const auto rows = example_2();
    const auto found = flips(combine(with(Strategy::weighted), rows), rows);
    ASSERT_EQ(found.size(), 3u);
    EXPECT_EQ(found[0].kind, Flip::Kind::removed);
    EXPECT_EQ(found[0].backend, "clamav");
    EXPECT_EQ(found[0].verdict, Verdict::suspicious);
    EXPECT_EQ(found[1].kind, Flip::Kind::said);
    EXPECT_EQ(found[1].backend, "vendor_x");
    EXPECT_EQ(found[1].said, Verdict::malicious);
    EXPECT_EQ(found[1].verdict, Verdict::suspicious);
    EXPECT_EQ(found[2].said, Verdict::benign);
    EXPECT_EQ(found[2].verdict, Verdict::benign);
}

TEST(Combine, NobodyAtAll_IsUnknown) {
    const core::Combined combined = combine({.suspicious_threshold = {}}, {});
    EXPECT_EQ(combined.verdict, Verdict::unknown);
    EXPECT_EQ(combined.reason, UnknownBecause::all_abstained);
    EXPECT_EQ(combined.low, std::nullopt);
}

TEST(Combine, MissingVotesThatCouldFillTheQuorum_AreTheReason) {
    core::CombinerSettings settings = with(Strategy::majority);
    settings.quorum = 5;
    EXPECT_EQ(combine(settings, parse_rows("B B B B X")).reason, UnknownBecause::missing_votes);
    settings.quorum = 6;
    EXPECT_EQ(combine(settings, parse_rows("B B B B X")).reason, UnknownBecause::quorum);
}

TEST(Combine, BenignNeedsABenignVoteWhateverTheThresholds) {
    core::CombinerSettings settings{
        .strategy = Strategy::weighted, .threshold = 9'000, .suspicious_threshold = 6'000};
    const core::Combined combined = combine(settings, parse_rows("S"));
    EXPECT_EQ(combined.low_verdict, Verdict::benign);
    EXPECT_EQ(combined.verdict, Verdict::unknown);
    EXPECT_EQ(combined.reason, UnknownBecause::quorum);
}

TEST(Combine, AScoreAboveTheThresholdWithoutAMaliciousVote_IsSuspicious) {
    core::CombinerSettings settings{
        .strategy = Strategy::weighted, .threshold = 3'000, .suspicious_threshold = {}};
    EXPECT_EQ(combine(settings, parse_rows("S S")).verdict, Verdict::suspicious);
}

TEST(Combine, MoreAccusersNeverHelpTheArtifact) {
    EXPECT_THAT(combine(with(Strategy::weighted), parse_rows("M M(.1) M(.1) M(.1)")).score, Optional(1.0));
}

TEST(Combine, TheGreatestWeightsStayExact) {
    std::vector<core::ScanResult> rows;
    for (int i = 0; i < 256; ++i)
        rows.push_back(row({.name = "b", .weight = 1000}, i < 128 ? Verdict::malicious : Verdict::benign));
    core::CombinerSettings settings = with(Strategy::weighted);
    settings.on_tie = Verdict::malicious;
    EXPECT_EQ(combine(settings, rows).verdict, Verdict::malicious);
    rows[0].confidence = core::kCertain - 1;
    EXPECT_EQ(combine(settings, rows).verdict, Verdict::suspicious);
}

TEST(Confidence, CountsAsSetOnlyIfEveryAgreeingVoterSetIt) {
    auto rows = parse_rows("M M B");
    rows[2].confidence.reset();
    EXPECT_TRUE(combine(with(Strategy::any), rows).confidence_set);
    rows[1].confidence.reset();
    EXPECT_FALSE(combine(with(Strategy::any), rows).confidence_set);
    testing::policy_of(rows[1]).default_confidence = 5'000;
    EXPECT_TRUE(combine(with(Strategy::any), rows).confidence_set);
}

TEST(Lists, OverruleTheStrategyAndSayWhatItWouldHaveSaid) {
    const Override allowed{.kind = Override::Kind::allow_list, .place = "lists/allow.sha256:12"};
    const core::Combined benign = combine(with(Strategy::any), parse_rows("M M B X"), {.listed = allowed});
    EXPECT_EQ(benign.verdict, Verdict::benign);
    EXPECT_EQ(benign.confidence, core::kCertain);
    EXPECT_EQ(benign.without_override, Verdict::malicious);
    EXPECT_EQ(benign.decided_by->place, "lists/allow.sha256:12");
    EXPECT_EQ(benign.name, "");

    const Override blocked{.kind = Override::Kind::block_list, .place = "lists/block.sha256:3"};
    const core::Combined malicious = combine(with(Strategy::any), parse_rows("B X"), {.listed = blocked});
    EXPECT_EQ(malicious.verdict, Verdict::malicious);
    EXPECT_EQ(malicious.reason, UnknownBecause::none);
    EXPECT_EQ(malicious.without_override, Verdict::unknown);
    EXPECT_EQ(malicious.low_verdict, Verdict::malicious);
}

TEST(Lists, AreStrongerThanAVeto) {
    const Override allowed{.kind = Override::Kind::allow_list, .place = "a:1"};
    const core::Combined combined =
        combine(with(Strategy::majority), parse_rows("M(V) B B"), {.listed = allowed});
    EXPECT_EQ(combined.verdict, Verdict::benign);
    EXPECT_EQ(combined.decided_by->kind, Override::Kind::allow_list);
    EXPECT_EQ(combined.without_override, Verdict::malicious);
}

TEST(Lists, LeaveNothingToFlip) {
    const Override allowed{.kind = Override::Kind::allow_list, .place = "a:1"};
    const auto rows = parse_rows("M B");
    EXPECT_THAT(flips(combine(with(Strategy::any), rows, {.listed = allowed}), rows), IsEmpty());
}

TEST(Veto, IsNamedWithWhatTheStrategyWouldHaveSaid) {
    const core::Combined combined = combine(with(Strategy::majority), parse_rows("B B B B M(V)"));
    ASSERT_TRUE(combined.decided_by);
    EXPECT_EQ(combined.decided_by->kind, Override::Kind::veto);
    EXPECT_EQ(combined.decided_by->place, "b5");
    EXPECT_EQ(combined.without_override, Verdict::benign);
}

TEST(Name, IsThatOfTheStrongestMaliciousVoter) {
    const std::vector<core::ScanResult> rows{
        row({.name = "pua", .weight = 9}, Verdict::suspicious, 1.0, "PUA.Loud"),
        row({.name = "weak"}, Verdict::malicious, 0.5, "Weak"),
        row({.name = "strong", .weight = 2}, Verdict::malicious, 0.5, "Strong"),
        row({.name = "equal"}, Verdict::malicious, 1.0, "Later"),
        row({.name = "observer", .weight = 0}, Verdict::malicious, 1.0, "Observed")};
    EXPECT_EQ(combine(with(Strategy::any), rows).name, "Strong");
}

TEST(Name, IsTheMostConfidentDetectionThatCarriesTheVerdict) {
    core::ScanResult result = row({.name = "yara"}, Verdict::malicious, 0.9);
    const auto add = [&](const std::string& name, Verdict verdict, std::optional<core::BasisPoints> sure) {
        core::Detection detection;
        detection.name = name;
        detection.family = name + "-family";
        detection.verdict = verdict;
        detection.confidence = sure;
        result.detections.push_back(detection);
    };
    add("UPX", Verdict::unknown, 10'000);
    add("PUA", Verdict::suspicious, 10'000);
    add("First", Verdict::malicious, 9'000);
    add("AsSure", Verdict::malicious, std::nullopt);
    const std::vector rows{result};
    EXPECT_EQ(combine(with(Strategy::any), rows).name, "First");
    EXPECT_EQ(combine(with(Strategy::any), rows).family, "First-family");
    result.detections.resize(1);
    EXPECT_EQ(combine(with(Strategy::any), std::vector{result}).name, "");
}

TEST(Name, IsEmptyIfTheAccuserWasOutvoted) {
    const std::vector<core::ScanResult> rows{row({.name = "a"}, Verdict::malicious, 1.0, "Lone"),
                                             row({.name = "b"}, Verdict::benign),
                                             row({.name = "c"}, Verdict::benign)};
    EXPECT_EQ(combine(with(Strategy::majority), rows).name, "");
}

TEST(Decided, NeverForUnknownNorForAnIncompleteSuspicion) {
    auto rows = parse_rows("S B X");
    const std::vector<Vote> incomplete{vote_of(rows[0]), vote_of(rows[1]),
                                       pending_vote(rows[2].backend->policy)};
    EXPECT_EQ(decided(with(Strategy::any), incomplete), std::nullopt);
    EXPECT_EQ(decided(with(Strategy::weighted), incomplete), std::nullopt);
    rows = parse_rows("A A");
    const std::vector<Vote> nobody{vote_of(rows[0]), vote_of(rows[1])};
    EXPECT_EQ(decided(with(Strategy::any), nobody), std::nullopt);
}

TEST(Decided, BenignWaitsForTheRequiredAndTheQuorum) {
    auto rows = parse_rows("B B B B B(R)");
    std::vector<Vote> votes;
    for (const auto& result : rows) votes.push_back(vote_of(result));
    votes[4] = pending_vote(rows[4].backend->policy);
    EXPECT_EQ(decided(with(Strategy::majority), votes), std::nullopt);
    votes[4] = vote_of(rows[4]);
    votes[3] = pending_vote(rows[3].backend->policy);
    EXPECT_EQ(decided(with(Strategy::majority), votes), Verdict::benign);
    core::CombinerSettings settings = with(Strategy::majority);
    settings.quorum = 5;
    EXPECT_EQ(decided(settings, votes), std::nullopt);
}

TEST(Decided, DoesNotWaitForObservers) {
    const auto rows = parse_rows("B B(w0)");
    const std::vector<Vote> votes{vote_of(rows[0]), pending_vote(rows[1].backend->policy)};
    EXPECT_EQ(decided(with(Strategy::any), votes), Verdict::benign);
}

TEST(DecidedEarly, WhoWasNotNeededIsNotMissing) {
    std::vector<core::ScanResult> rows{row({.name = "a"}, Verdict::malicious),
                                       lost({.name = "b"}, Outcome::skipped, Reason::decided),
                                       lost({.name = "c"}, Outcome::timed_out, Reason::timeout)};
    const core::Combined combined = combine(with(Strategy::any), rows, {.decided_early = true});
    EXPECT_EQ(combined.verdict, Verdict::malicious);
    EXPECT_TRUE(combined.decided_early);
    EXPECT_THAT(combined.missing, ElementsAre("c"));
}

TEST(DecidedEarly, UnderAStricterStrategyTheyAreMissing) {
    std::vector<core::ScanResult> rows{row({.name = "a"}, Verdict::benign),
                                       row({.name = "b"}, Verdict::benign),
                                       lost({.name = "c"}, Outcome::skipped, Reason::decided)};
    EXPECT_EQ(combine(with(Strategy::majority), rows, {.decided_early = true}).verdict, Verdict::benign);
    const core::Combined replayed = combine(with(Strategy::any), rows);
    EXPECT_EQ(replayed.verdict, Verdict::unknown);
    EXPECT_THAT(replayed.missing, ElementsAre("c"));
}

}   // namespace
}   // namespace microengine::combine
