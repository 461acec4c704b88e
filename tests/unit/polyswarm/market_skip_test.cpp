// SPDX-License-Identifier: MIT
// What is answered without a scan, or without an artifact.
#include "market_support.hpp"
#include "opinion_support.hpp"

namespace microengine::polyswarm {

namespace {

using testing::IsEmpty;

constexpr std::uint64_t kLeast = 62'500'000'000'000'000;
constexpr std::string_view kEicarFree = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";

class MarketSkipTest : public MarketTest {
protected:
    /// Nothing was fetched or scanned for it.
    void expect_untouched() {
        EXPECT_THAT(marketplace.order(), IsEmpty());
        EXPECT_THAT(service.seen(), IsEmpty());
    }
    static bounty::FilterRule rule(bounty::FilterRule::Action action, std::string value) {
        return {.action = action,
                .key = "mimetype",
                .compare = bounty::FilterRule::Compare::startswith,
                .value = std::move(value)};
    }
};

TEST_F(MarketSkipTest, AnUnknownTypeIsNotFetched) {
    start();
    EXPECT_EQ(post({.type = "wallet"}), 202);
    EXPECT_EQ(gist_of("1"), "unknown 0 SKIPPED:TYPE-UNSUPPORTED");
    stop();
    expect_untouched();
}

TEST_F(MarketSkipTest, WhatExpiredBeforeItCame_IsAnsweredAtOnce_Once) {
    const double before = number("polyswarm_skipped_total{reason=expired}");
    start();
    EXPECT_EQ(post({.left = -10s}), 202);
    EXPECT_EQ(gist_of("1"), "unknown 0 SKIPPED");
    stop();
    expect_untouched();
    EXPECT_EQ(replies_to("1").size(), 1);
    EXPECT_EQ(rows()["1"].state, State::delivered);
    EXPECT_EQ(number("polyswarm_skipped_total{reason=expired}"), before + 1);
}

TEST_F(MarketSkipTest, AnEngineThatDoesNotVote_SaysUnknown) {
    settings.engines[0].votes = false;
    start();
    EXPECT_EQ(post({.id = "1", .phase = "arbitration"}), 202);
    EXPECT_EQ(post({.id = "2"}), 202);
    EXPECT_EQ(gist_of("1"), "unknown SKIPPED");   // no bid in a vote
    EXPECT_EQ(gist_of("2"), "benign " + std::to_string(kLeast));
    EXPECT_EQ(marketplace.gets("/artifact"), 1);
}

TEST_F(MarketSkipTest, WhatAFilterRejects_IsNotFetched) {
    settings.filters = {rule(bounty::FilterRule::Action::reject, "video/")};
    start();
    EXPECT_EQ(post({.extra = R"("mimetype":"video/mp4")"}), 202);
    EXPECT_EQ(gist_of("1"), "unknown 0 SKIPPED");
    stop();
    expect_untouched();
    EXPECT_FALSE(rows()["1"].taken);
}

TEST_F(MarketSkipTest, WhatAFilterFavors_IsBetMoreOn) {
    settings.filters = {rule(bounty::FilterRule::Action::favor, "text/"),
                        rule(bounty::FilterRule::Action::penalize, "image/")};
    service.revise([](const auto&, core::Report& report) {
        report = report_of({row("a", Outcome::completed, Verdict::benign, 5'000)});
    });
    start();
    EXPECT_EQ(post({.id = "1", .extra = R"("mimetype":"text/plain")"}), 202);
    EXPECT_EQ(post({.id = "2", .extra = R"("mimetype":"image/png")"}), 202);
    EXPECT_EQ(post({.id = "3"}), 202);
    EXPECT_EQ(gist_of("1"), "benign 625000000000000000");
    EXPECT_EQ(gist_of("2"), "benign 437500000000000000");
    EXPECT_EQ(gist_of("3"), "benign 531250000000000000");
    EXPECT_EQ(reply_to("1")["metadata"]["confidence"], 0.6);
}

TEST_F(MarketSkipTest, OverARateLimit_NothingIsFetched_AndADuplicateDoesNotCount) {
    settings.rates.per_day = 2;
    start();
    const std::string first = bounty({.id = "1"});
    for (int i = 0; i < 3; ++i) EXPECT_EQ(deliver(first).status, 202);
    EXPECT_EQ(post({.id = "2"}), 202);
    EXPECT_EQ(post({.id = "3"}), 202);
    EXPECT_EQ(gist_of("1"), "benign " + std::to_string(kLeast));
    EXPECT_EQ(gist_of("2"), "benign " + std::to_string(kLeast));
    EXPECT_EQ(gist_of("3"), "unknown 0 SKIPPED");
    EXPECT_EQ(marketplace.gets("/artifact"), 2);
}

TEST_F(MarketSkipTest, AfterARestart_TheRateLimitStillHolds) {
    settings.rates.per_day = 1;
    start();
    EXPECT_EQ(post({.id = "1"}), 202);
    EXPECT_EQ(gist_of("1"), "benign " + std::to_string(kLeast));
    stop();
    start();
    EXPECT_EQ(post({.id = "2"}), 202);
    EXPECT_EQ(gist_of("2"), "unknown 0 SKIPPED");
}

TEST_F(MarketSkipTest, OverTheBudget_TheVerdictIsWithdrawn) {
    settings.engines[0].budget_per_hour = bounty::Wei{kLeast * 2};
    service.revise(
        [](const auto&, core::Report& report) { report = report_of({detecting("a", "X.1", "X", 10'000)}); });
    start();
    for (const std::string id : {"1", "2", "3"}) {
        EXPECT_EQ(post({.id = id}), 202);
        (void)reply_to(id);   // one after the other
    }
    EXPECT_EQ(gist_of("1"), "malicious " + std::to_string(kLeast));   // the least, not the whole nct
    EXPECT_EQ(gist_of("2"), "malicious " + std::to_string(kLeast));
    EXPECT_EQ(gist_of("3"), "unknown 0 SKIPPED");
    EXPECT_EQ(reply_to("3")["metadata"]["malware_family"], "");
    EXPECT_EQ(number("polyswarm_budget_left_nct{engine=main,window=hour}"), 0);
    EXPECT_TRUE(was_logged("budget_low engine=main window=hour left=0 NCT budget=0.125 NCT"));
    stop();
    EXPECT_EQ(rows()["3"].note, "not even the least bid fits the budget (it was malicious)");
    EXPECT_EQ(to_text(rows()["3"].bid), "0");
}

TEST_F(MarketSkipTest, AfterARestart_WhatWasSpentIsSpent) {
    settings.engines[0].budget_per_day = bounty::Wei{kLeast};
    start();
    EXPECT_EQ(post({.id = "1"}), 202);
    EXPECT_EQ(gist_of("1"), "benign " + std::to_string(kLeast));
    stop();
    start();
    EXPECT_EQ(post({.id = "2"}), 202);
    EXPECT_EQ(gist_of("2"), "unknown 0 SKIPPED");
}

TEST_F(MarketSkipTest, RulesThatLeaveNoBid_MakeItUnknown) {
    start();
    EXPECT_EQ(post({.extra = R"("rules":{"min_allowed_bid":5,"max_allowed_bid":4})"}), 202);
    EXPECT_EQ(gist_of("1"), "unknown 0 SKIPPED");
    stop();
    EXPECT_EQ(rows()["1"].note, "the bounty's rules allow no bid (it was benign)");
}

TEST_F(MarketSkipTest, AnArtifactThatCannotBeHad_IsNotScanned) {
    settings.fetch.max_artifact_bytes = 10;
    marketplace.serve("/large", support::ok("eleven byte"));
    marketplace.serve("/whole", support::ok("ten bytes!"));
    start();
    const std::pair<std::string, std::string> uris[] = {
        {"1", marketplace.url("/missing")},
        {"2", marketplace.url("/large")},
        {"3", "file:///etc/passwd"},
        {"4", "http://10.1.2.3/private"},
        {"5", "gopher://x/"},
        {"6", "no url at all"},
    };
    for (const auto& [id, uri] : uris) EXPECT_EQ(post({.id = id, .uri = uri}), 202);
    for (const auto& [id, uri] : uris) EXPECT_EQ(gist_of(id), "unknown 0 SKIPPED:CANNOT-FETCH") << uri;
    EXPECT_EQ(post({.id = "7",
                    .uri = marketplace.url("/artifact"),
                    .extra = R"("sha256":")" + std::string(kEicarFree) + "\""}),
              202);
    EXPECT_EQ(gist_of("7"), "unknown 0 SKIPPED:CANNOT-FETCH");
    EXPECT_THAT(service.seen(), IsEmpty());
    EXPECT_EQ(post({.id = "8", .uri = marketplace.url("/whole")}), 202);
    EXPECT_EQ(gist_of("8"), "benign " + std::to_string(kLeast));
    stop();
    EXPECT_EQ(rows()["7"].note, "what was fetched has another SHA-256 than the bounty says");
    EXPECT_EQ(room->used(), 0);   // of all of them
}

TEST_F(MarketSkipTest, TheRightHashIsScanned) {
    start();
    const std::vector<std::uint8_t> bytes{'f', 'i', 'n', 'e'};
    const std::string digest = util::hex(util::sha256(bytes));
    EXPECT_EQ(post({.extra = R"("metadata":{"sha256":")" + digest + "\"}"}), 202);
    EXPECT_EQ(gist_of("1"), "benign " + std::to_string(kLeast));
}

TEST_F(MarketSkipTest, WithoutAGeneration_ThereAreJustNoVersions) {
    service.set_generation(nullptr);
    start();
    EXPECT_EQ(post({.type = "wallet"}), 202);
    EXPECT_EQ(gist_of("1"), "unknown 0 SKIPPED:TYPE-UNSUPPORTED");
}

}   // namespace
}   // namespace microengine::polyswarm
