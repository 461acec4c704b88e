// SPDX-License-Identifier: MIT
// A reply in time, whatever hangs.
#include "market_support.hpp"
#include "tests/support/sqlite.hpp"

namespace microengine::polyswarm {

namespace {

using support::Sqlite;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr std::string_view kBenign = "benign 62500000000000000";
constexpr auto kSoon = 800ms;   // of a bounty whose watchdog is waited for

TEST_F(MarketTest, AScanThatNeverReports_IsUnknownInTime_AndItsReportChangesNothing) {
    const double late = number("polyswarm_late_total");
    service.hold();
    start();
    EXPECT_EQ(post({.uri = marketplace.url("/evil"), .left = kSoon}), 202);
    service.await_jobs(1);
    EXPECT_EQ(gist_of("1"), "unknown 0 SKIPPED");
    EXPECT_EQ(number("polyswarm_late_total"), late + 1);
    service.let_go();
    service.await_all();   // malicious, and too late
    stop();
    EXPECT_THAT(replies_to("1"), SizeIs(1));
    const JournalRow row = rows()["1"];
    EXPECT_EQ(row.verdict, "unknown");
    EXPECT_EQ(row.note, "no answer in time: still scanning");
}

TEST_F(MarketTest, AnArtifactThatNeverComes_IsUnknownInTime) {
    marketplace.hold("/artifact");
    start();
    EXPECT_EQ(post({.left = kSoon}), 202);
    const std::string gist = gist_of("1");
    EXPECT_TRUE(gist == "unknown 0 SKIPPED:CANNOT-FETCH" || gist == "unknown 0 SKIPPED") << gist;
    marketplace.let_go("/artifact");
    stop();
    EXPECT_THAT(replies_to("1"), SizeIs(1));
}

TEST_F(MarketTest, ABountyWhoseTurnNeverComes_IsUnknownInTime) {
    settings.fetch.max_fetches = 1;
    marketplace.hold("/slow");
    start();
    EXPECT_EQ(post({.id = "1", .uri = marketplace.url("/slow"), .left = 600s}), 202);
    marketplace.await_gets("/slow");
    EXPECT_EQ(post({.id = "2", .left = kSoon}), 202);   // its deadline does not help: no place is free
    EXPECT_EQ(gist_of("2"), "unknown 0 SKIPPED");
    EXPECT_EQ(marketplace.gets("/artifact"), 0);
    marketplace.let_go("/slow");
    stop();
    EXPECT_EQ(rows()["2"].note, "no answer in time: still waiting for its turn");
}

TEST_F(MarketTest, TheEarliestDeadlineIsFetchedFirst) {
    settings.fetch.max_fetches = 1;
    for (const std::string path : {"/a", "/b", "/c", "/d"}) marketplace.serve(path, support::ok("fine"));
    marketplace.hold("/a");
    start();
    EXPECT_EQ(post({.id = "1", .uri = marketplace.url("/a"), .left = 600s}), 202);
    marketplace.await_gets("/a");
    EXPECT_EQ(post({.id = "2", .uri = marketplace.url("/b"), .left = 500s}), 202);
    EXPECT_EQ(post({.id = "3", .uri = marketplace.url("/c"), .left = 300s}), 202);
    EXPECT_EQ(post({.id = "4", .uri = marketplace.url("/d"), .left = 400s}), 202);
    let_it_work();
    marketplace.let_go("/a");
    stop();
    EXPECT_THAT(marketplace.order(), ElementsAre("/a", "/c", "/d", "/b"));
}

TEST_F(MarketTest, TheEarliestDeadlineIsScannedFirst) {
    for (const std::string path : {"/a", "/b", "/c", "/d", "/e"}) marketplace.serve(path, support::ok(path));
    service.set_load({.slots = 1});   // two are given to it
    service.hold();
    start();
    const auto send = [this](const std::string& id, const std::string& path, std::chrono::seconds left) {
        const double fetched = number("polyswarm_fetch_seconds");
        EXPECT_EQ(post({.id = id, .uri = marketplace.url(path), .left = left}), 202);
        EXPECT_TRUE(record.await("polyswarm_fetch_seconds", [fetched](double now) { return now > fetched; }));
        let_it_work();
    };
    send("1", "/a", 600s);
    send("2", "/b", 600s);
    service.await_jobs(2);
    send("3", "/c", 500s);
    send("4", "/d", 300s);
    send("5", "/e", 400s);
    stop();
    std::vector<std::string> order;
    for (const auto& seen : service.seen()) order.push_back(seen.bytes);
    EXPECT_THAT(order, ElementsAre("/a", "/b", "/d", "/e", "/c"));
}

TEST_F(MarketTest, AQueueThatOthersFill_IsAskedAgain) {
    service.answer_offers(engine::Offer::full);
    start();
    EXPECT_EQ(post({.uri = marketplace.url("/evil")}), 202);
    service.await_refused(3);
    service.answer_offers(engine::Offer::accepted);
    EXPECT_EQ(gist_of("1"), "malicious 62500000000000000");
    EXPECT_EQ(service.seen().at(0).bytes, "evil");   // it was not lost on the way
}

TEST_F(MarketTest, AServiceThatIsClosed_IsUnknownInTime) {
    service.answer_offers(engine::Offer::closed);
    start();
    EXPECT_EQ(post({.left = kSoon}), 202);
    EXPECT_EQ(gist_of("1"), "unknown 0 SKIPPED");
    stop();
    EXPECT_EQ(rows()["1"].note, "no answer in time: still waiting for a slot");
}

TEST_F(MarketTest, AReplyThatIsNotTaken_IsPostedAgain_TheSameBytes) {
    marketplace.answer("/replies/1",
                       {status_line(500), "", status_line(429, "Retry-After: 0\r\n"), status_line(201)});
    start();
    EXPECT_EQ(post({}), 202);
    const auto replies = marketplace.await_posts("/replies/1", 4);
    stop();
    EXPECT_THAT(replies, SizeIs(4));
    EXPECT_EQ(std::set(replies.begin(), replies.end()).size(), 1);
    const JournalRow row = rows()["1"];
    EXPECT_EQ(row.state, State::delivered);
    EXPECT_GE(row.attempts,
              3);   // a connection that is cut where another reply went before, libcurl opens again
    EXPECT_EQ(row.last_status, 201);
}

TEST_F(MarketTest, AReplyThatIsRefused_IsPostedOnce) {
    marketplace.answer("/replies/1", {status_line(400)});
    marketplace.answer("/replies/2", {status_line(307, "Location: /elsewhere\r\n")});
    marketplace.answer("/replies/3", {status_line(409)});
    start();
    for (const std::string id : {"1", "2", "3"}) EXPECT_EQ(post({.id = id}), 202);
    stop();
    for (const std::string id : {"1", "2", "3"}) EXPECT_THAT(replies_to(id), SizeIs(1));
    auto all = rows();
    EXPECT_EQ(all["1"].state, State::refused);
    EXPECT_EQ(all["1"].last_status, 400);
    EXPECT_EQ(all["2"].state, State::refused);
    EXPECT_EQ(all["3"].state, State::delivered);   // it has our bytes already
}

TEST_F(MarketTest, WhereNobodyMayPost_IsRefused) {
    start();
    EXPECT_EQ(post({.reply_to = "http://10.1.2.3/?nonce=n0nce"}), 202);
    stop();
    EXPECT_EQ(rows()["1"].state, State::refused);
    EXPECT_EQ(rows()["1"].attempts, 1);
}

TEST_F(MarketTest, WhereNobodyAnswers_ItExpires) {
    marketplace.answer("/replies/1", std::vector<std::string>(50, status_line(503)));
    start();
    EXPECT_EQ(post({.left = kSoon}), 202);
    stop();
    EXPECT_EQ(rows()["1"].state, State::expired);
    EXPECT_GE(replies_to("1").size(), 2);   // one of them when it was over
    EXPECT_EQ(rows()["1"].last_status, 503);
}

TEST_F(MarketTest, WhatTheJournalCannotPromise_IsNotAccepted) {
    start();
    const Sqlite other(settings.journal);
    ASSERT_EQ(other.run("CREATE TRIGGER t BEFORE INSERT ON bounty BEGIN SELECT RAISE(ABORT, 'no'); END"),
              SQLITE_OK);
    const http::Response refused = deliver(bounty({}));
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.body, R"({"error":"journal"})");
    EXPECT_EQ(market->why_not_ready(), "the journal of bounties cannot be written");
    ASSERT_EQ(other.run("DROP TRIGGER t"), SQLITE_OK);
    EXPECT_EQ(post({}), 202);
    EXPECT_EQ(market->why_not_ready(), std::nullopt);
    EXPECT_EQ(gist_of("1"), kBenign);
}

TEST_F(MarketTest, AReplyThatCannotBeFixed_IsPostedOfMemory_AndWrittenLater) {
    service.hold();
    start();
    EXPECT_EQ(post({}), 202);
    service.await_jobs(1);
    const Sqlite other(settings.journal);
    ASSERT_EQ(other.run("CREATE TRIGGER t BEFORE UPDATE ON bounty BEGIN SELECT RAISE(ABORT, 'no'); END"),
              SQLITE_OK);
    service.let_go();
    EXPECT_EQ(gist_of("1"), kBenign);
    EXPECT_NE(market->why_not_ready(), std::nullopt);
    ASSERT_EQ(other.run("DROP TRIGGER t"), SQLITE_OK);
    EXPECT_TRUE(record.await("polyswarm_journal_commit_seconds",
                             [this](double) { return !market->why_not_ready(); }));
    stop();
    const JournalRow row = rows()["1"];
    EXPECT_EQ(row.state, State::delivered);
    EXPECT_THAT(replies_to("1"), ElementsAre(row.reply));
}

TEST_F(MarketTest, AJournalThatHangs_DoesNotHoldAReplyUp) {
    service.hold();
    start();
    EXPECT_EQ(post({.left = 1'600ms}), 202);
    service.await_jobs(1);
    const Sqlite other(settings.journal);
    ASSERT_EQ(other.run("BEGIN IMMEDIATE"), SQLITE_OK);   // for a second nothing is written
    service.let_go();
    (void)reply_to("1");
    EXPECT_TRUE(was_logged("journal_slow"));
    ASSERT_EQ(other.run("COMMIT"), SQLITE_OK);
    stop();
    EXPECT_THAT(replies_to("1"), ElementsAre(rows()["1"].reply));
}

}   // namespace
}   // namespace microengine::polyswarm
