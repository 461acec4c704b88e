// SPDX-License-Identifier: MIT
// From a bounty to its one reply.
#include "market_support.hpp"
#include "opinion_support.hpp"

#include <latch>
#include <thread>

namespace microengine::polyswarm {

namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view kLeast = "62500000000000000";

TEST_F(MarketTest, AMaliciousArtifact_GetsABidAndAFamily) {
    service.revise([](const auto&, core::Report& report) {
        report = report_of({detecting("a", "Test.1", "Test", 10'000)});
    });
    start();
    EXPECT_EQ(post({.uri = marketplace.url("/evil?nonce=n0nce")}), 202);
    const auto reply = reply_to("1");
    EXPECT_EQ(gist_of("1"), "malicious 1000000000000000000");
    EXPECT_EQ(reply["metadata"]["malware_family"], "Test");
    EXPECT_EQ(reply["metadata"]["confidence"], 1.0);
    EXPECT_EQ(reply["metadata"]["product"], "microengine");
    EXPECT_EQ(reply["metadata"]["backends"][0]["name"], "a");
    stop();
    const JournalRow row = rows()["1"];
    EXPECT_EQ(row.state, State::delivered);
    EXPECT_EQ(row.verdict, "malicious");
    EXPECT_EQ(to_text(row.bid), "1000000000000000000");
    EXPECT_THAT(replies_to("1"), ElementsAre(row.reply));
    EXPECT_EQ(row.attempts, 1);
    EXPECT_EQ(row.last_status, 200);
    EXPECT_EQ(row.delivery, "d-1");
    EXPECT_TRUE(row.taken);
}

TEST_F(MarketTest, AReplyIsPostedAsJson) {
    start();
    EXPECT_EQ(post({}), 202);
    (void)reply_to("1");
    EXPECT_THAT(
        marketplace.requests(),
        Contains(AllOf(StartsWith("POST /replies/1?nonce=n0nce HTTP/1.1\r\n"),
                       HasSubstr("\r\nContent-Type: application/json\r\n"), HasSubstr("\r\nContent-Length: "),
                       Not(HasSubstr("Authorization")), Not(HasSubstr("X-POLYSWARM")))));
}

TEST_F(MarketTest, WithoutAConfidence_TheLeastIsBid) {
    start();
    EXPECT_EQ(post({.id = "1"}), 202);
    EXPECT_EQ(post({.id = "2", .uri = marketplace.url("/evil?nonce=n0nce")}), 202);
    EXPECT_EQ(gist_of("1"), "benign " + std::string(kLeast));
    EXPECT_EQ(gist_of("2"), "malicious " + std::string(kLeast));
    EXPECT_FALSE(reply_to("1")["metadata"].contains("confidence"));
}

TEST_F(MarketTest, UnknownAndSuspicious_BidNothing) {
    marketplace.serve("/odd", support::ok("odd"));
    service.revise([](const support::FakeService::Seen& seen, core::Report& report) {
        if (seen.bytes == "fine") report.combined.verdict = Verdict::suspicious;
    });
    start();
    EXPECT_EQ(post({.id = "1", .uri = marketplace.url("/odd?nonce=n0nce")}), 202);
    EXPECT_EQ(post({.id = "2"}), 202);
    EXPECT_EQ(gist_of("1"), "unknown 0");
    EXPECT_EQ(gist_of("2"), "suspicious 0");
}

TEST_F(MarketTest, AnEmptyArtifactIsOne) {
    marketplace.serve("/empty", support::ok(""));
    start();
    EXPECT_EQ(post({.uri = marketplace.url("/empty")}), 202);
    EXPECT_EQ(gist_of("1"), "benign " + std::string(kLeast));
    EXPECT_EQ(service.seen().at(0).bytes, "");
}

TEST_F(MarketTest, AVoteHasNoBid_AndSpendsNoBudget) {
    settings.engines[0].budget_per_day = bounty::Wei{1};
    start();
    EXPECT_EQ(post({.id = "1", .uri = marketplace.url("/evil"), .phase = "arbitration"}), 202);
    EXPECT_EQ(post({.id = "2", .phase = "VOTE_window"}), 202);
    EXPECT_EQ(post({.id = "3", .phase = "else", .reply_to = marketplace.url("/3/votes/?nonce=n0nce")}), 202);
    EXPECT_EQ(gist_of("1"), "malicious");
    EXPECT_EQ(gist_of("2"), "benign");
    EXPECT_THAT(marketplace.await_posts("/3/votes/"), ElementsAre(Not(HasSubstr("bid"))));
}

TEST_F(MarketTest, AnEngineAsksItsBackends) {
    settings.engines[0].backends = {"clamav", "yara"};
    start();
    EXPECT_EQ(post({.id = R"("a-b")", .extra = R"("rules":{})"}), 202);
    (void)reply_to("a-b");
    ASSERT_EQ(service.seen().size(), 1);
    const auto seen = service.seen()[0];
    EXPECT_EQ(seen.name, marketplace.url("/artifact?redacted"));
    EXPECT_THAT(seen.request, MatchesRegex("[0-9a-f]{12}"));
    EXPECT_THAT(seen.backends, ElementsAre("clamav", "yara"));
    EXPECT_TRUE(seen.deadline.exists());
    EXPECT_LE(seen.deadline.left(), 57s);   // the rest is for posting
    EXPECT_EQ(seen.urgency, engine::Urgency::interactive);
}

TEST_F(MarketTest, ABountyThatComesAgain_GetsNoSecondReply) {
    start();
    const std::string body = bounty({});
    const double before = number("polyswarm_duplicates_total");
    EXPECT_EQ(deliver(body).status, 202);
    EXPECT_EQ(deliver(body).status, 202);
    (void)reply_to("1");
    const http::Response again = deliver(body);
    EXPECT_EQ(again.status, 202);
    EXPECT_EQ(again.body, R"({"status":"ACCEPTED"})");
    EXPECT_EQ(number("polyswarm_duplicates_total"), before + 2);
    stop();
    EXPECT_EQ(replies_to("1").size(), 1);
    EXPECT_EQ(service.seen().size(), 1);
}

TEST_F(MarketTest, ABountyThatComesManyTimesAtOnce_GetsOneReply) {
    start();
    const std::string body = bounty({});
    constexpr int kTimes = 16;
    {
        std::latch all(kTimes);
        std::vector<std::jthread> senders;
        for (int i = 0; i < kTimes; ++i)
            senders.emplace_back([&] {
                all.arrive_and_wait();
                EXPECT_EQ(deliver(body).status, 202);
            });
    }
    stop();
    EXPECT_EQ(replies_to("1").size(), 1);
    EXPECT_EQ(marketplace.gets("/artifact"), 1);
}

TEST_F(MarketTest, TheSameId_WithAnotherAddressToReplyTo_IsAnotherBounty) {
    start();
    EXPECT_EQ(post({}), 202);
    EXPECT_EQ(post({.phase = "arbitration", .reply_to = marketplace.url("/votes/1?nonce=n0nce")}), 202);
    EXPECT_EQ(gist_of("1"), "benign " + std::string(kLeast));
    EXPECT_THAT(marketplace.await_posts("/votes/1"),
                ElementsAre(HasSubstr(R"({"verdict":"benign","metadata")")));
}

TEST_F(MarketTest, WorkBeginsOnceTheAnswerIsOnItsWay) {
    start();
    {
        const http::Response accepted = deliver(bounty({}));
        EXPECT_EQ(accepted.status, 202);
        let_it_work();
        EXPECT_EQ(marketplace.gets("/artifact"), 0);
        EXPECT_EQ(rows()["1"].state, State::accepted);
    }
    marketplace.await_gets("/artifact");
    EXPECT_EQ(gist_of("1"), "benign " + std::string(kLeast));
}

TEST_F(MarketTest, OfManyAtOnce_EachGetsItsOwn_AndTheBooksAreRight) {
    service.set_load({.slots = 4});
    start();
    const auto accepted = [this] {
        return number("polyswarm_bounties_total{engine=main,artifact_type=file,phase=assertion}");
    };
    const auto delivered = [this](const std::string& verdict) {
        return number("polyswarm_replies_total{kind=assertion,verdict=" + verdict + ",result=delivered}");
    };
    const double accepted_before = accepted();
    const double benign_before = delivered("benign");
    const double malicious_before = delivered("malicious");
    std::vector<std::jthread> senders;
    constexpr int kSenders = 4;
    constexpr int kEach = 25;
    for (int sender = 0; sender < kSenders; ++sender)
        senders.emplace_back([this, sender] {
            for (int i = 0; i < kEach; ++i) {
                const std::string id = std::to_string(sender * kEach + i);
                EXPECT_EQ(post({.id = id, .uri = marketplace.url(i % 2 == 0 ? "/evil" : "/artifact")}), 202);
            }
        });
    senders.clear();
    stop();
    for (int number = 0; number < kSenders * kEach; ++number) {
        const auto replies = replies_to(std::to_string(number));
        ASSERT_EQ(replies.size(), 1) << number;
        EXPECT_THAT(replies[0], HasSubstr(number % kEach % 2 == 0 ? "malicious" : "benign"));
    }
    for (const auto& [id, row] : rows()) EXPECT_EQ(row.state, State::delivered) << id;
    EXPECT_EQ(accepted(), accepted_before + kSenders * kEach);
    EXPECT_EQ(delivered("malicious"), malicious_before + kSenders * 13);
    EXPECT_EQ(delivered("benign"), benign_before + kSenders * 12);
}

TEST_F(MarketTest, AFullJournalTurnsAway_AndKeepsNothing) {
    settings.max_pending = 2;
    service.hold();
    start();
    EXPECT_EQ(post({.id = "1"}), 202);
    EXPECT_EQ(post({.id = "2"}), 202);
    const http::Response busy = deliver(bounty({.id = "3"}));
    EXPECT_EQ(busy.status, 503);
    EXPECT_EQ(busy.body, R"({"error":"busy"})");
    ASSERT_EQ(busy.fields.size(), 1);
    EXPECT_EQ(busy.fields[0].name, "Retry-After");
    market->measure();
    EXPECT_EQ(number("polyswarm_pending"), 2);
    EXPECT_EQ(number("polyswarm_pending_limit"), 2);
    stop();
    EXPECT_THAT(replies_to("3"), IsEmpty());
    EXPECT_EQ(rows().size(), 2);
}

TEST_F(MarketTest, TwoEngines_HaveTheirOwnPurses) {
    settings.engines[0].max_bid = bounty::Wei{62'500'000'000'000'000U};
    bounty::EngineSettings other = settings.engines[0];
    other.name = "other";
    other.path = "/other";
    other.max_bid = bounty::Wei{62'500'000'000'000'001U};
    settings.engines.push_back(other);
    service.revise([](const auto&, core::Report& report) {
        report = report_of({row("a", Outcome::completed, Verdict::benign, 10'000)});
    });
    start();
    EXPECT_THAT(market->mount().paths(), ElementsAre("/polyswarm", "/other"));
    EXPECT_EQ(deliver(bounty({.id = "1"})).status, 202);
    EXPECT_EQ(deliver(bounty({.id = "2"}), "/other").status, 202);
    EXPECT_EQ(gist_of("1"), "benign 62500000000000000");
    EXPECT_EQ(gist_of("2"), "benign 62500000000000001");
    stop();
    EXPECT_EQ(rows()["2"].engine, "other");
}

}   // namespace
}   // namespace microengine::polyswarm
