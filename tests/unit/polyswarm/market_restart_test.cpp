// SPDX-License-Identifier: MIT
// What is still owed after a stop, a crash, and a change of the configuration.
#include "host/bounty/bounty.hpp"
#include "journal_support.hpp"
#include "market_support.hpp"

#include <thread>

namespace microengine::polyswarm {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::string_view kBenign = "benign 62500000000000000";

class MarketRestartTest : public MarketTest {
protected:
    /// A row as a program that has crashed left it.
    void leave_row(const std::string& body, const std::string& engine, const std::string& fixed_reply = {},
                   std::int64_t deadline_ms = 4'000'000'000'000) const {
        auto journal = Journal::open({.file = settings.journal});
        ASSERT_TRUE(journal) << journal.error().text();
        const auto bounty = bounty::parse_bounty(body, 0);
        JournalRow row = row_of(static_cast<int>(rows().size()), deadline_ms);
        if (bounty) row.key = bounty::key_of(*bounty);
        row.engine = engine;
        row.body = body;
        EXPECT_EQ(ask(**journal, row), Promise::made);
        if (fixed_reply.empty()) return;
        Fixing fixing = fixing_of(0, fixed_reply);
        fixing.key = row.key;
        EXPECT_TRUE(ask(**journal, fixing));
    }
};

TEST_F(MarketRestartTest, WhileItStops_NewBountiesAreTurnedAway_AndKnownOnesAreNot) {
    service.hold();
    start();
    const std::string known = bounty({.id = "1"});
    EXPECT_EQ(deliver(known).status, 202);
    market->stop_accepting();
    EXPECT_EQ(deliver(known).status, 202);
    EXPECT_EQ(deliver(bounty({.id = "2"})).body, R"({"error":"busy"})");
    stop();
    EXPECT_THAT(replies_to("1"), SizeIs(1));
    EXPECT_EQ(rows().size(), 1);
}

TEST_F(MarketRestartTest, WhoIsJustBeingAnswered_IsNotForgotten) {
    service.hold();
    start();
    std::vector<std::jthread> senders;
    std::mutex mutex;
    std::vector<std::string> accepted;
    for (int i = 0; i < 8; ++i)
        senders.emplace_back([&, id = std::to_string(i)] {
            if (post({.id = id}) != 202) return;
            const std::scoped_lock lock(mutex);
            accepted.push_back(id);
        });
    (void)drain(0ms);
    senders.clear();
    let_it_work();   // those whose answer was still on its way
    service.let_go();
    EXPECT_TRUE(market->drain(std::chrono::steady_clock::now() + support::kPatience, support::kPatience));
    for (const std::string& id : accepted) EXPECT_THAT(replies_to(id), SizeIs(1)) << id;
    EXPECT_EQ(rows().size(), accepted.size());
}

TEST_F(MarketRestartTest, WhatIsNotDoneWhenItStops_IsUnknown) {
    service.hold();
    marketplace.hold("/slow");
    start();
    EXPECT_EQ(post({.id = "1"}), 202);
    EXPECT_EQ(post({.id = "2", .uri = marketplace.url("/slow")}), 202);
    service.await_jobs(1);
    marketplace.await_gets("/slow");
    EXPECT_TRUE(drain(0ms));
    EXPECT_EQ(gist_of("1"), "unknown 0 SKIPPED");
    EXPECT_EQ(gist_of("2"), "unknown 0 SKIPPED");
    stop();   // its scan reports now
    EXPECT_THAT(replies_to("1"), SizeIs(1));
    EXPECT_EQ(rows()["1"].note, "the engine was stopped: still scanning");
    EXPECT_EQ(rows()["2"].note, "the engine was stopped: still fetching the artifact");
}

TEST_F(MarketRestartTest, OrItIsKept_AndScannedAfterTheNextStart) {
    settings.on_stop = bounty::OnStop::keep;
    settings.fetch.max_fetches = 2;
    service.hold();
    marketplace.hold("/slow");
    start();
    EXPECT_EQ(post({.id = "1"}), 202);
    service.await_jobs(1);
    EXPECT_EQ(post({.id = "2", .uri = marketplace.url("/slow")}), 202);
    EXPECT_EQ(post({.id = "3", .uri = marketplace.url("/slow")}), 202);
    EXPECT_EQ(post({.id = "4"}), 202);   // waits for its turn
    marketplace.await_gets("/slow", 2);
    EXPECT_FALSE(drain(0ms));
    service.let_go();   // as an engine that is cancelled: it reports on every scan
    service.await_all();
    let_it_work();
    market.reset();
    for (const std::string id : {"1", "2", "3", "4"}) {
        EXPECT_THAT(replies_to(id), IsEmpty()) << id;
        EXPECT_EQ(rows()[id].state, State::accepted) << id;
    }
    settings.on_stop = bounty::OnStop::answer;
    marketplace.serve("/slow", support::ok("fine"));
    marketplace.let_go("/slow");
    const double resumed = number("polyswarm_resumed_total");
    start();
    EXPECT_EQ(number("polyswarm_resumed_total"), resumed + 4);
    stop();
    for (const std::string id : {"1", "2", "3", "4"}) {
        EXPECT_THAT(replies_to(id), SizeIs(1)) << id;
        EXPECT_EQ(gist_of(id), kBenign) << id;
    }
}

TEST_F(MarketRestartTest, WhoIsAnsweredWhileBountiesAreKept_IsKeptToo) {
    settings.on_stop = bounty::OnStop::keep;
    start();
    {
        const http::Response accepted = deliver(bounty({}));
        EXPECT_FALSE(drain(0ms));
    }
    let_it_work();
    market.reset();
    EXPECT_EQ(marketplace.gets("/artifact"), 0);
    EXPECT_EQ(rows()["1"].state, State::accepted);
    settings.on_stop = bounty::OnStop::answer;
    start();
    EXPECT_EQ(gist_of("1"), kBenign);
}

TEST_F(MarketRestartTest, AFixedReplyIsPostedAgain_TheSameBytes_WhateverIsThoughtNow) {
    settings.on_stop = bounty::OnStop::keep;
    marketplace.hold("/replies/1");
    start();
    EXPECT_EQ(post({}), 202);
    (void)marketplace.await_posts("/replies/1");
    leave();   // nobody has heard that it was taken
    const std::string fixed = rows()["1"].reply;
    EXPECT_EQ(rows()["1"].state, State::fixed);
    service.revise(
        [](const auto&, core::Report& report) { report.combined.verdict = core::Verdict::malicious; });
    marketplace.let_go("/replies/1");
    settings.on_stop = bounty::OnStop::answer;
    start();
    EXPECT_THAT(marketplace.await_posts("/replies/1", 2), ElementsAre(fixed, fixed));
    EXPECT_EQ(service.seen().size(), 1);
}

TEST_F(MarketRestartTest, AfterACrash_WhatWasAcceptedIsScanned) {
    leave_row(bounty({}), "main");
    start();
    EXPECT_EQ(gist_of("1"), kBenign);
    stop();
    EXPECT_EQ(rows()["1"].state, State::delivered);
}

TEST_F(MarketRestartTest, AfterACrash_WhatHasExpiredIsUnknown) {
    leave_row(bounty({}), "main", "", 1'000);
    leave_row(bounty({.id = "2", .left = -5s}), "main", R"({"fixed":2})", 1'000);
    start();
    EXPECT_EQ(gist_of("1"), "unknown 0 SKIPPED");   // as the journal says, whatever the bounty does
    EXPECT_THAT(marketplace.await_posts("/replies/2"), ElementsAre(R"({"fixed":2})"));
    stop();
    EXPECT_EQ(marketplace.gets("/artifact"), 0);
    EXPECT_EQ(rows()["1"].state, State::delivered);
    EXPECT_EQ(rows()["2"].state, State::delivered);
}

TEST_F(MarketRestartTest, AfterACrash_TheLastAttemptIsOne) {
    leave_row(bounty({}), "main", R"({"fixed":1})", 1'000);
    marketplace.answer("/replies/1", std::vector<std::string>(9, status_line(503)));
    start();
    stop();
    EXPECT_THAT(replies_to("1"), SizeIs(1));
    EXPECT_EQ(rows()["1"].state, State::expired);
}

TEST_F(MarketRestartTest, WhatItsEngineOwed_IsReplied_ThoughItIsNoLongerConfigured) {
    leave_row(bounty({.id = "1"}), "gone");
    leave_row(bounty({.id = "2"}), "gone", R"({"fixed":2})");
    leave_row(bounty({.id = "3"}), "also gone");
    start();
    EXPECT_EQ(gist_of("1"), "unknown 0 SKIPPED");
    EXPECT_THAT(marketplace.await_posts("/replies/2"), ElementsAre(R"({"fixed":2})"));
    EXPECT_EQ(gist_of("3"), "unknown 0 SKIPPED");
    stop();
    EXPECT_EQ(marketplace.gets("/artifact"), 0);   // with whose backends, and whose money?
    EXPECT_EQ(rows()["1"].note, "its engine is no longer configured");
}

TEST_F(MarketRestartTest, WhatCannotBeReadAnyMore_IsNotOwedForEver) {
    leave_row("no bounty", "main");
    start();
    EXPECT_TRUE(was_logged("bounty_lost engine=main"));
    stop();
    EXPECT_EQ(rows()["no bounty"].state, State::expired);
}

TEST_F(MarketRestartTest, AJournalThatCannotBeUsed_IsAnError) {
    support::write_file(settings.journal, std::string(5'000, 'x'));
    const auto refused = Market::open({.settings = settings, .service = service, .room = room});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, util::Errc::config);
    EXPECT_THAT(refused.error().text(), HasSubstr("journal.db: cannot be read: file is not a database"));
}

TEST_F(MarketRestartTest, WithoutASecret_ItDoesNotOpen) {
    support::write_file(dir / "secret", "\n");
    const auto refused = Market::open({.settings = settings, .service = service, .room = room});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, util::Errc::config);
    EXPECT_FALSE(std::filesystem::exists(settings.journal));   // secrets come first
}

TEST_F(MarketRestartTest, AFilterOrAddressThatIsNone_IsAnError) {
    bounty::MarketSettings bad = settings;
    bad.filters = {{.key = "mimetype", .compare = bounty::FilterRule::Compare::regex, .value = "("}};
    EXPECT_FALSE(Market::open({.settings = bad, .service = service, .room = room}));
    bad = settings;
    bad.fetch.allow_hosts = {"not an address/99"};
    EXPECT_FALSE(Market::open({.settings = bad, .service = service, .room = room}));
}

TEST_F(MarketRestartTest, SecretsAreReadAgain_EachByItself) {
    bounty::EngineSettings other = settings.engines[0];
    other.name = "other";
    other.path = "/other";
    other.secret_file = dir / "other";
    support::write_file(other.secret_file, "not the fixture's");
    settings.engines.push_back(other);
    start();
    EXPECT_EQ(deliver(bounty({}), "/other").status, 401);
    support::write_file(other.secret_file, "a secret of the tests");
    std::filesystem::remove(dir / "secret");
    const auto reloaded = market->reload_files();
    ASSERT_FALSE(reloaded);
    EXPECT_THAT(reloaded.error().text(), HasSubstr((dir / "secret").native()));
    EXPECT_EQ(deliver(bounty({.id = "1"})).status, 202);             // as it was
    EXPECT_EQ(deliver(bounty({.id = "2"}), "/other").status, 202);   // as it is now
}

}   // namespace
}   // namespace microengine::polyswarm
