// SPDX-License-Identifier: MIT
#include "host/frontends/ambassador/judge.hpp"

#include <gtest/gtest.h>

namespace microengine::ambassador {
namespace {

using namespace std::chrono_literals;

const Clock::time_point kNow{1000s};

constexpr const char* kMalicious =
    R"({"verdict":"malicious","bid":1000000000000000000,"metadata":{"malware_family":"Eicar"}})";
constexpr const char* kBenign =
    R"({"verdict":"benign","bid":62500000000000000,"metadata":{"malware_family":""}})";

std::string unknown_with(const std::string& comment) {
    return R"({"verdict":"unknown","bid":0,"metadata":{"malware_family":"","comments":[")" + comment +
           "\"]}}";
}

Received reply(std::string body, unsigned answered = 200, Clock::time_point when = kNow) {
    return {.when = when,
            .body = std::move(body),
            .content_type = "application/json",
            .length_said = true,
            .target = "/x",
            .answered = answered};
}

Evidence evidence(Truth truth, std::vector<Received> replies) {
    Evidence all;
    all.truth = std::move(truth);
    all.deadline = kNow + 1s;
    all.replies = std::move(replies);
    return all;
}

TEST(Judge, AReplyThatIsRightHasNoFault) {
    EXPECT_EQ(judge(evidence(malicious(), {reply(kMalicious)})), std::nullopt);
    EXPECT_EQ(judge(evidence(benign(), {reply(kBenign)})), std::nullopt);
    EXPECT_EQ(judge(evidence(unknown("SKIPPED"), {reply(unknown_with("SKIPPED"))})), std::nullopt);
}

TEST(Judge, AnAcceptedBountyNeedsAReply) { EXPECT_EQ(judge(evidence(malicious(), {})), "no reply"); }

TEST(Judge, ARefusedBountyNeedsNoneAndMayHaveNone) {
    Evidence refused = evidence(malicious(), {});
    refused.accepted = false;
    EXPECT_EQ(judge(refused), std::nullopt);
    refused.replies = {reply(kMalicious)};
    EXPECT_EQ(judge(refused), "a reply to a bounty that was not accepted");
}

TEST(Judge, TheSameBytesMayComeAgainOnlyWhileNobodyHasTakenThem) {
    for (const unsigned broken : {0U, 408U, 425U, 429U, 500U, 503U})
        EXPECT_EQ(judge(evidence(malicious(), {reply(kMalicious, broken), reply(kMalicious)})), std::nullopt)
            << broken;
    for (const unsigned over : {200U, 202U, 307U, 400U, 404U, 409U})
        EXPECT_EQ(judge(evidence(malicious(), {reply(kMalicious, over), reply(kMalicious)})),
                  "1 more after a reply was answered with " + std::to_string(over));
}

TEST(Judge, TwoRepliesMustBeTheSameBytes) {
    EXPECT_EQ(judge(evidence(malicious(), {reply(kMalicious, 0), reply(kBenign)})), "two different replies");
}

TEST(Judge, TheDeadlineHoldsForTheReplyThatWasTaken) {
    EXPECT_EQ(judge(evidence(malicious(), {reply(kMalicious, 200, kNow + 1s)})), std::nullopt);
    EXPECT_EQ(judge(evidence(malicious(), {reply(kMalicious, 200, kNow + 1s + 5ms)})),
              "the reply came 5 ms after the deadline");
    EXPECT_EQ(judge(evidence(malicious(), {reply(kMalicious, 503), reply(kMalicious, 200, kNow + 3s)})),
              "the reply came 2000 ms after the deadline");
    EXPECT_EQ(judge(evidence(malicious(), {reply(kMalicious, 503), reply(kMalicious, 503, kNow + 3s)})),
              std::nullopt)
        << "who is never taken has tried in time";
}

TEST(Judge, TheRequestIsJsonOfAKnownLength) {
    Received other = reply(kMalicious);
    other.content_type = "text/plain";
    EXPECT_EQ(judge(evidence(malicious(), {other})),
              "the reply's Content-Type is 'text/plain', not application/json");
    Received chunked = reply(kMalicious);
    chunked.length_said = false;
    EXPECT_EQ(judge(evidence(malicious(), {chunked})), "the reply has no Content-Length");
    Received with_charset = reply(kMalicious);
    with_charset.content_type = "application/json; charset=utf-8";
    EXPECT_EQ(judge(evidence(malicious(), {with_charset})), std::nullopt);
}

TEST(Judge, TheBidIsAnIntegerWithinTheRules) {
    const auto fault = [](const std::string& bid) {
        return fault_of_form(evidence(malicious(), {reply(R"({"verdict":"malicious","bid":)" + bid +
                                                          R"(,"metadata":{"malware_family":"x"}})")}));
    };
    EXPECT_EQ(fault("62500000000000000"), std::nullopt);
    EXPECT_EQ(fault("1000000000000000000"), std::nullopt);
    for (const char* bid : {"1e18", "1000000000000000000.0", "62499999999999999", "1000000000000000001", "0",
                            "null", "\"62500000000000000\""})
        EXPECT_TRUE(fault(bid).has_value()) << bid;
}

TEST(Judge, TheRulesAreThoseOfTheBounty) {
    Evidence own =
        evidence(benign(), {reply(R"({"verdict":"benign","bid":5,"metadata":{"malware_family":""}})")});
    EXPECT_TRUE(fault_of_form(own).has_value());
    own.rules = {.min = {5}, .max = {5}};
    EXPECT_EQ(fault_of_form(own), std::nullopt);
}

TEST(Judge, AVoteHasNoBid) {
    Evidence vote =
        evidence(malicious(), {reply(R"({"verdict":"malicious","metadata":{"malware_family":"x"}})")});
    EXPECT_TRUE(fault_of_form(vote).has_value());
    vote.phase = bounty::Phase::vote;
    EXPECT_EQ(fault_of_form(vote), std::nullopt);
    vote.replies = {reply(kMalicious)};
    EXPECT_TRUE(fault_of_form(vote).has_value());
}

TEST(Judge, TheVerdictIsComparedWithWhatTheArtifactIs) {
    EXPECT_EQ(fault_of_verdict(evidence(malicious(), {reply(kBenign)})), "benign, but it is malicious");
    EXPECT_EQ(fault_of_verdict(evidence(benign(), {reply(unknown_with("SKIPPED"))})),
              "unknown, but it is benign (comments: 'SKIPPED')");
    EXPECT_EQ(fault_of_verdict(evidence(truth_of(""), {reply(unknown_with("x"))})), std::nullopt);
    EXPECT_EQ(fault_of_verdict(evidence(Truth{}, {reply(kBenign)})), std::nullopt);
    EXPECT_EQ(fault_of_verdict(evidence(malicious(), {reply("[]")})), "the reply cannot be read: '[]'");
}

TEST(Judge, MalwareHasAName) {
    const auto nameless =
        reply(R"({"verdict":"malicious","bid":62500000000000000,"metadata":{"malware_family":""}})");
    EXPECT_EQ(judge(evidence(malicious(), {nameless})), "malicious without a malware_family");
}

TEST(Judge, ASkippedBountySaysWhy) {
    EXPECT_EQ(judge(evidence(unknown("SKIPPED:CANNOT-FETCH"), {reply(unknown_with("SKIPPED"))})),
              "the comment SKIPPED:CANNOT-FETCH is missing; there is 'SKIPPED'");
}

TEST(Judge, WhatNeedNotBeDownloadedIsNot) {
    Evidence skipped = evidence(unknown("SKIPPED"), {reply(unknown_with("SKIPPED"))});
    skipped.downloads = {{.when = kNow}};
    EXPECT_EQ(judge(skipped), std::nullopt);
    skipped.may_download = false;
    EXPECT_EQ(judge(skipped), "the artifact was downloaded, and need not have been");
}

TEST(Judge, WhatIsShownOfAReplyIsPrintable) {
    const Fault fault = judge(evidence(malicious(), {reply("\x1b[31m{\xff")}));
    ASSERT_TRUE(fault.has_value());
    EXPECT_EQ(fault->find('\x1b'), std::string::npos);
    EXPECT_NE(fault->find("\\x1b"), std::string::npos) << *fault;
}

TEST(Judge, ASummarySaysVerdictBidAndFamily) {
    EXPECT_EQ(summary(evidence(malicious(), {reply(kMalicious)})), "malicious, 1 NCT, 'Eicar'");
    EXPECT_EQ(summary(evidence(malicious(), {})), "no reply");
}

}   // namespace
}   // namespace microengine::ambassador
