// SPDX-License-Identifier: MIT
#include "host/frontends/ambassador/market_server.hpp"

#include "host/frontends/ambassador/poster.hpp"
#include "host/frontends/ambassador/request.hpp"
#include "host/frontends/ambassador/specimens.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace microengine::ambassador {
namespace {

using namespace std::chrono_literals;
using Manner = ArtifactScript::Manner;

constexpr milliseconds kPatience = 60s;

class Served : public ::testing::Test {
protected:
    void SetUp() override {
        auto started = MarketServer::start(market, "127.0.0.1:0");
        ASSERT_TRUE(started.has_value()) << started.error().text();
        server = *std::move(started);
        target = *parse_target("http://" + server->address() + "/");
    }
    util::Result<Answer> get(Market::Number artifact, milliseconds patience = kPatience) {
        Poster poster(target);
        return poster.send(to_bytes({.method = "GET", .path = market.path_of_artifact(artifact)}, target),
                           patience);
    }
    util::Result<Answer> post(const std::string& path, std::string body) {
        Poster poster(target);
        return poster.send(
            to_bytes(
                {.path = path, .headers = {{"Content-Type", "application/json"}}, .body = std::move(body)},
                target),
            kPatience);
    }

    Market market;
    std::unique_ptr<MarketServer> server;
    Target target;
};

TEST_F(Served, HandsOutWhatIsOffered) {
    const auto answer = get(market.offer({.bytes = std::string("a\0b\r\n", 5)}));
    ASSERT_TRUE(answer.has_value()) << answer.error().text();
    EXPECT_EQ(answer->status, 200U);
    EXPECT_EQ(answer->body, std::string("a\0b\r\n", 5));
    EXPECT_EQ(get(market.offer({.bytes = ""}))->body, "");
}

TEST_F(Served, FailsAsScripted) {
    const auto broken = market.offer({.bytes = "x", .first = {500}});
    EXPECT_EQ(get(broken)->status, 500U);
    EXPECT_EQ(get(broken)->status, 200U);
    EXPECT_EQ(get(market.offer({.then = 404}))->status, 404U);
    EXPECT_EQ(get(market.offer({.then = 302, .location = "http://192.0.2.1/"}))->status, 302U);
}

TEST_F(Served, WhatIsHeldComesAfterItsRelease) {
    const auto held = market.offer({.bytes = "x", .manner = Manner::held});
    const std::jthread releaser([&] {
        ASSERT_TRUE(market.wait_for_downloads(held, 1, Clock::now() + kPatience));
        market.release(held);
    });
    const auto answer = get(held);
    ASSERT_TRUE(answer.has_value()) << answer.error().text();
    EXPECT_EQ(answer->body, "x");
}

TEST_F(Served, WhatIsStalledOrTrickledDoesNotEnd) {
    for (const Manner manner : {Manner::stalled, Manner::trickled, Manner::held})
        EXPECT_FALSE(
            get(market.offer({.bytes = std::string(1000, 'x'), .manner = manner}), 50ms).has_value());
}

TEST_F(Served, WhatHasNoEndGoesBeyondEveryLimit) {
    const auto answer = get(market.offer({.bytes = "0123456789", .manner = Manner::endless}));
    ASSERT_FALSE(answer.has_value()) << "the poster takes 64 MiB";
    EXPECT_NE(answer.error().message.find("limit"), std::string::npos) << answer.error().message;
}

TEST_F(Served, CompressesUnasked) {
    EXPECT_EQ(get(market.offer({.bytes = "abc", .manner = Manner::gzipped}))->body, gzipped("abc"));
}

TEST_F(Served, RecordsRepliesAndAnswersThem) {
    const auto reply = market.expect({.first = {{.status = 429, .retry_after_s = 3}}}, "assertions");
    const std::string path = market.target_of_replies(reply);
    const auto first = post(path, "{}");
    ASSERT_TRUE(first.has_value()) << first.error().text();
    EXPECT_EQ(first->status, 429U);
    EXPECT_EQ(first->retry_after, "3");
    EXPECT_EQ(post(path, "{\"a\":1}")->status, 200U);
    const auto all = market.replies(reply);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[1].body, "{\"a\":1}");
    EXPECT_EQ(all[1].content_type, "application/json");
    EXPECT_TRUE(all[1].length_said);
}

TEST_F(Served, CutsTheConnectionAfterItHasReadTheReply) {
    const auto reply = market.expect({.first = {{.status = 0}}}, "assertions");
    EXPECT_FALSE(post(market.target_of_replies(reply), "{}").has_value());
    EXPECT_EQ(market.replies(reply).size(), 1U);
}

TEST_F(Served, WhatWasNeverOfferedIsAStray) {
    EXPECT_EQ(post("/elsewhere?x", "{}")->status, 404U);
    Poster poster(target);
    EXPECT_EQ(poster.send(to_bytes({.method = "GET", .path = "/favicon.ico"}, target), kPatience)->status,
              404U);
    EXPECT_EQ(poster.send(to_bytes({.method = "PUT", .path = "/x"}, target), kPatience)->status, 405U);
    EXPECT_EQ(market.strays(), (std::vector<std::string>{"POST /elsewhere?x", "GET /favicon.ico", "PUT /x"}));
}

TEST_F(Served, APosterKeepsItsConnection) {
    Poster poster(target);
    const auto artifact = market.offer({.bytes = "x"});
    const std::string request =
        to_bytes({.method = "GET", .path = market.path_of_artifact(artifact)}, target);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(poster.send(request, kPatience)->body, "x");
    // A kept connection may have been closed since: it is tried once more, on a new one.
    const auto cut = market.expect({.first = {{.status = 0}, {.status = 0}}}, "votes");
    EXPECT_FALSE(
        poster.send(to_bytes({.path = market.target_of_replies(cut)}, target), kPatience).has_value());
    EXPECT_EQ(poster.send(request, kPatience)->body, "x") << "on a new one";
    EXPECT_EQ(market.replies(cut).size(), 2U);
}

TEST_F(Served, NobodyListensAfterIt) {
    server.reset();
    Poster poster(target);
    const auto answer = poster.send(to_bytes({.method = "GET"}, target), kPatience);
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().message, "Connection refused");
}

TEST(Trap, CountsWhoConnects) {
    auto trap = Trap::set("127.0.0.1:9000");
    ASSERT_TRUE(trap.has_value());
    EXPECT_EQ(trap->connections(), 0U);
    const Target target = *parse_target("http://127.0.0.1:" + std::to_string(trap->port()));
    Poster poster(target);
    EXPECT_FALSE(poster.send(to_bytes({.method = "GET"}, target), 50ms).has_value());
    EXPECT_EQ(trap->connections(), 1U);
    EXPECT_EQ(trap->connections(), 1U) << "none is counted twice";
}

TEST(MarketServerStart, SaysWhatIsWrongWithAnAddress) {
    Market market;
    for (const char* address : {"", "9000", "/run/x.sock", "systemd:x", "0.0.0.0:0", "[::]:0"}) {
        const auto server = MarketServer::start(market, address);
        ASSERT_FALSE(server.has_value()) << address;
        EXPECT_EQ(server.error().place, "--listen");
    }
}

}   // namespace
}   // namespace microengine::ambassador
