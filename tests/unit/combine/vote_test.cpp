// SPDX-License-Identifier: MIT
#include "host/combine/vote.hpp"

#include "tests/unit/combine/rows.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace microengine::combine {
namespace {

using core::Outcome;
using core::Partial;
using core::Reason;
using core::Verdict;
using testing::row;
using Kind = Vote::Kind;

struct Case {
    std::string name;
    Outcome outcome;
    Reason reason;
    Verdict verdict;
    std::optional<Partial> partial;
    Kind kind;
};

void PrintTo(const Case& wanted, std::ostream* out) { *out << wanted.name; }

class VoteOf : public ::testing::TestWithParam<Case> {};

TEST_P(VoteOf, FollowsOutcomeAndVerdict) {
    const Case& wanted = GetParam();
    core::ScanResult result = row({.name = "yara"}, wanted.verdict);
    result.outcome = wanted.outcome;
    result.reason = wanted.reason;
    result.partial = wanted.partial;
    EXPECT_EQ(vote_of(result).kind, wanted.kind);
}

constexpr auto kWhole = std::nullopt;
INSTANTIATE_TEST_SUITE_P(
    Table, VoteOf,
    ::testing::Values(
        Case{"Malicious", Outcome::completed, Reason::none, Verdict::malicious, kWhole, Kind::malicious},
        Case{"MaliciousStandsThoughPartial", Outcome::completed, Reason::none, Verdict::malicious,
             Partial::encrypted, Kind::malicious},
        Case{"MaliciousStandsAfterACrash", Outcome::crashed, Reason::signal, Verdict::malicious, kWhole,
             Kind::malicious},
        Case{"MaliciousStandsWhenStopped", Outcome::skipped, Reason::decided, Verdict::malicious, kWhole,
             Kind::malicious},
        Case{"Suspicious", Outcome::completed, Reason::none, Verdict::suspicious, kWhole, Kind::suspicious},
        Case{"SuspiciousButPartialIsOpen", Outcome::completed, Reason::none, Verdict::suspicious,
             Partial::too_deep, Kind::suspicious_open},
        Case{"SuspiciousBeforeATimeoutIsOpen", Outcome::timed_out, Reason::deadline, Verdict::suspicious,
             kWhole, Kind::suspicious_open},
        Case{"Benign", Outcome::completed, Reason::none, Verdict::benign, kWhole, Kind::benign},
        Case{"PartialBenignIsMissing", Outcome::completed, Reason::none, Verdict::benign, Partial::other,
             Kind::missing},
        Case{"OnlyCompletedMayBeBenign", Outcome::failed, Reason::io, Verdict::benign, kWhole, Kind::missing},
        Case{"NoOpinionAbstains", Outcome::completed, Reason::none, Verdict::unknown, kWhole, Kind::abstains},
        Case{"HalfSeenIsMissing", Outcome::completed, Reason::none, Verdict::unknown, Partial::encrypted,
             Kind::missing},
        Case{"TruncatedIsMissing", Outcome::completed, Reason::none, Verdict::unknown, Partial::truncated,
             Kind::missing},
        Case{"UnsupportedAbstains", Outcome::unsupported, Reason::type, Verdict::unknown, kWhole,
             Kind::abstains},
        Case{"TimedOutIsMissing", Outcome::timed_out, Reason::timeout, Verdict::unknown, kWhole,
             Kind::missing},
        Case{"CrashedIsMissing", Outcome::crashed, Reason::poison, Verdict::unknown, kWhole, Kind::missing},
        Case{"FailedIsMissing", Outcome::failed, Reason::signatures, Verdict::unknown, kWhole, Kind::missing},
        Case{"RoutedAbstains", Outcome::skipped, Reason::routed, Verdict::unknown, kWhole, Kind::abstains},
        Case{"DeselectedAbstains", Outcome::skipped, Reason::deselected, Verdict::unknown, kWhole,
             Kind::abstains},
        Case{"TooBigIsMissing", Outcome::skipped, Reason::too_big, Verdict::unknown, kWhole, Kind::missing},
        Case{"DecidedIsMissing", Outcome::skipped, Reason::decided, Verdict::unknown, kWhole, Kind::missing},
        Case{"BreakerOpenIsMissing", Outcome::skipped, Reason::breaker_open, Verdict::unknown, kWhole,
             Kind::missing}),
    [](const auto& each) { return each.param.name; });

TEST(Vote, OfWeightZeroObservesAndRanksNowhere) {
    core::ScanResult result = row({.name = "new", .weight = 0}, Verdict::malicious);
    testing::policy_of(result).veto = testing::policy_of(result).required = true;
    const Vote vote = vote_of(result);
    EXPECT_EQ(vote.kind, Kind::observes);
    EXPECT_FALSE(vote.veto);
    EXPECT_FALSE(vote.required);
    EXPECT_EQ(pending_vote(result.backend->policy).kind, Kind::observes);
}

TEST(Vote, ConfidenceIsItsOwnElseTheDefaultElseCertain) {
    core::ScanResult result = row({.name = "yara"}, Verdict::benign, 0.25);
    testing::policy_of(result).default_confidence = 7'500;
    EXPECT_EQ(vote_of(result).confidence, 2'500u);
    result.confidence.reset();
    EXPECT_EQ(vote_of(result).confidence, 7'500u);
    EXPECT_TRUE(vote_of(result).confidence_set);
    testing::policy_of(result).default_confidence.reset();
    EXPECT_EQ(vote_of(result).confidence, core::kCertain);
    EXPECT_FALSE(vote_of(result).confidence_set);
}

TEST(Vote, OnlyTheOperatorsRoutingExcusesARequiredBackend) {
    core::ScanResult result = row({.name = "yara"}, Verdict::unknown);
    testing::policy_of(result).required = true;
    result.outcome = Outcome::skipped;
    result.reason = Reason::routed;
    EXPECT_FALSE(vote_of(result).required);
    result.reason = Reason::deselected;
    EXPECT_TRUE(vote_of(result).required);
}

TEST(Votes, KeepConfigOrderHoweverMany) {
    for (const std::size_t count : {0u, 1u, 16u, 17u, 40u}) {
        std::vector<core::ScanResult> rows;
        for (std::size_t i = 0; i < count; ++i)
            rows.push_back(row({.name = "b"}, Verdict::benign, double(i) / 100));
        const Votes votes(rows);
        ASSERT_EQ(votes.all().size(), count);
        for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(votes.all()[i].confidence, i * 100);
    }
}

}   // namespace
}   // namespace microengine::combine
