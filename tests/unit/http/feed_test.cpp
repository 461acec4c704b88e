// SPDX-License-Identifier: MIT
#include "host/frontends/http/feed.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace microengine::http {
namespace {

TEST(EventFeedTest, EachSubscriberHearsOfEverythingSinceHeCame) {
    EventFeed feed;
    feed.publish("reload", "{}");
    int woken = 0;
    const auto one = feed.subscribe([&woken] { ++woken; });
    feed.publish("a", "1");
    feed.publish("b", "2");
    EXPECT_EQ(woken, 1) << "once until it is taken";
    EXPECT_EQ(one->take(), "id: 2\nevent: a\ndata: 1\n\nid: 3\nevent: b\ndata: 2\n\n");
    EXPECT_EQ(one->take(), "");
    feed.publish("c", "3");
    EXPECT_EQ(woken, 2);
}

TEST(EventFeedTest, WhoIsSlow_IsToldWhatHeHasLost) {
    EventFeed feed({.events = 2});
    const auto one = feed.subscribe([] {});
    for (const auto* const data : {"1", "2", "3", "4"}) feed.publish("a", data);
    EXPECT_EQ(
        one->take(),
        "id: 1\nevent: a\ndata: 1\n\nid: 2\nevent: a\ndata: 2\n\nevent: lost\ndata: {\"events\":2}\n\n");
    feed.publish("a", "5");
    EXPECT_EQ(one->take(), "id: 5\nevent: a\ndata: 5\n\n");
}

TEST(EventFeedTest, BytesAreBoundedToo) {
    EventFeed feed({.bytes = 100});
    const auto one = feed.subscribe([] {});
    feed.publish("a", std::string(200, 'x'));
    EXPECT_EQ(one->take(), "event: lost\ndata: {\"events\":1}\n\n");
}

TEST(EventFeedTest, SoManyAndNoMore_UntilOneGoes) {
    EventFeed feed({.subscribers = 2});
    auto one = feed.subscribe([] {});
    const auto two = feed.subscribe([] {});
    EXPECT_EQ(feed.subscribe([] {}), nullptr);
    one.reset();
    EXPECT_NE(feed.subscribe([] {}), nullptr);
}

TEST(EventFeedTest, NothingIsWrittenForNobody) {
    EventFeed feed;
    EXPECT_FALSE(feed.anybody());
    auto one = feed.subscribe([] {});
    EXPECT_TRUE(feed.anybody());
    one.reset();
    feed.publish("a", "1");
    EXPECT_FALSE(feed.anybody());
}

TEST(EventFeedTest, AReportIsOneLine_WhateverItsNameIs) {
    core::Report report;
    report.artifact.name = "a\nb\xff\x1b\"";
    report.combined.verdict = core::Verdict::malicious;
    report.combined.name = "X";
    const std::string text = report_event(report, "clamd");
    EXPECT_FALSE(text.contains('\n'));
    EXPECT_FALSE(text.contains('\x1b'));
    EXPECT_TRUE(text.contains("\"verdict\":\"malicious\"")) << text;
}

TEST(EventFeedTest, ManyThreadsMayTell) {
    EventFeed feed;
    const auto one = feed.subscribe([] {});
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&feed] {
                for (int n = 0; n < 100; ++n) feed.on_report({}, "cli");
            });
    }
    std::size_t events = 0;
    const std::string text = one->take();
    for (std::size_t at = 0; (at = text.find("event: report", at)) != std::string::npos; ++at) ++events;
    EXPECT_EQ(events, 400U);
}

}   // namespace
}   // namespace microengine::http
