// SPDX-License-Identifier: MIT
#include "host/frontends/ambassador/market.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace microengine::ambassador {
namespace {

Received at(const std::string& target) {
    return {
        .when = {}, .body = "x", .content_type = {}, .length_said = true, .target = target, .answered = 1};
}

TEST(Market, PathsAreOthersInEachRun) {
    Market one, two;
    const auto a = one.offer({.bytes = "x"}), b = two.offer({.bytes = "x"});
    EXPECT_NE(one.path_of_artifact(a), two.path_of_artifact(b));
    const auto first = one.expect({}, "votes"), second = one.expect({}, "votes");
    EXPECT_NE(one.target_of_replies(first), one.target_of_replies(second));
    EXPECT_NE(one.target_of_replies(first).find("/votes/?nonce="), std::string::npos);
}

TEST(Market, AnArtifactFailsAsOftenAsItIsToldThenIsHandedOut) {
    Market market;
    const auto artifact = market.offer({.bytes = "abc", .first = {500, 503}});
    const std::string path = market.path_of_artifact(artifact);
    std::vector<unsigned> statuses;
    for (int i = 0; i < 4; ++i) statuses.push_back(market.download(path, {})->status);
    EXPECT_EQ(statuses, (std::vector<unsigned>{500, 503, 200, 200}));
    EXPECT_EQ(market.downloads(artifact).size(), 4U);
    EXPECT_EQ(util::hex(market.digest_of(artifact)),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Market, AHeldArtifactWaitsForItsRelease) {
    Market market;
    int told = 0;
    market.on_release([&told] { ++told; });
    const auto held = market.offer({.bytes = "x", .manner = ArtifactScript::Manner::held});
    EXPECT_TRUE(market.held(held));
    market.release(held);
    EXPECT_FALSE(market.held(held));
    EXPECT_EQ(told, 1);
}

TEST(Market, RepliesAreAnsweredAsScripted) {
    Market market;
    const auto reply =
        market.expect({.first = {{.status = 500}, {.status = 429, .retry_after_s = 7}}}, "assertions");
    const std::string target = market.target_of_replies(reply);
    EXPECT_EQ(market.receive(at(target))->status, 500U);
    EXPECT_EQ(market.receive(at(target))->retry_after_s, 7U);
    EXPECT_EQ(market.receive(at(target))->status, 200U);
    const auto all = market.replies(reply);
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0].answered, 500U);
    EXPECT_EQ(all[2].answered, 200U);
}

TEST(Market, OnlyTheWholeTargetIsExpected) {
    Market market;
    const auto reply = market.expect({}, "assertions");
    const auto artifact = market.offer({.bytes = "x"});
    const std::string target = market.target_of_replies(reply);
    EXPECT_FALSE(market.receive(at(target.substr(0, target.find('?')))).has_value()) << "without the nonce";
    EXPECT_FALSE(market.receive(at(target + "0")).has_value());
    EXPECT_FALSE(market.receive(at(market.path_of_artifact(artifact))).has_value());
    EXPECT_FALSE(market.download(target, {}).has_value());
    EXPECT_TRUE(market.replies(reply).empty());
}

TEST(Market, WhoWaitsIsWoken) {
    Market market;
    const auto reply = market.expect({}, "assertions");
    const auto artifact = market.offer({.bytes = "x"});
    const std::jthread other([&] {
        (void)market.download(market.path_of_artifact(artifact), {});
        (void)market.receive(at(market.target_of_replies(reply)));
    });
    const auto until = Clock::now() + std::chrono::minutes(1);
    EXPECT_TRUE(market.wait_for_downloads(artifact, 1, until));
    EXPECT_TRUE(market.wait_for_replies(reply, 1, until));
    EXPECT_FALSE(market.wait_for_replies(reply, 2, Clock::now())) << "the time has come first";
}

}   // namespace
}   // namespace microengine::ambassador
