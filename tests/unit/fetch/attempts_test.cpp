// SPDX-License-Identifier: MIT
#include "fetch_support.hpp"
#include "host/fetch/get_errand.hpp"
#include "host/util/clock.hpp"

#include <optional>

namespace microengine::fetch {
namespace {

using testing::StartsWith;

TEST(Attempts, ATroubleThatMayPassIsTriedAgainFromNothing) {
    const std::string cut = "HTTP/1.1 200 OK\r\nContent-Type: text/cut\r\nContent-Length: 10\r\n\r\nabc";
    const auto room = new_room();
    const LocalServer server(in_turn({"HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n", cut, ok("whole")}));
    Client client(settings_for_tests(), room);
    GetAnswer answer = fetch(client, get_of(server.url("/a")));
    ASSERT_TRUE(answer.got != nullptr) << answer.why;
    EXPECT_EQ(answer.got->type, "");
    EXPECT_EQ(room->used(), 5U);
    EXPECT_EQ(bytes_of(std::move(answer)), "whole");
    EXPECT_EQ(server.connections(), 3U);
}

TEST(Attempts, WhatAnEarlierOneBroughtIsNoAnswer) {
    const LocalServer server(
        in_turn({"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "HTTP/1.1 200 OK\r\nConte"}));
    const auto room = new_room();
    Client client(settings_for_tests(), room);
    Get request = get_of(server.url("/a"));
    request.attempts = 2;
    EXPECT_THAT(result_of(fetch(client, std::move(request))), StartsWith("broken: "));
    EXPECT_EQ(server.connections(), 2U);
}

TEST(Attempts, AttemptsAreCounted) {
    const LocalServer server(answering("HTTP/1.1 500 x\r\nContent-Length: 0\r\n\r\n"));
    Client client(settings_for_tests(), new_room());
    Get request = get_of(server.url("/a"));
    request.attempts = 2;
    EXPECT_THAT(result_of(fetch(client, std::move(request))), StartsWith("status: "));
    EXPECT_EQ(server.requests().size(), 2U);
}

TEST(Attempts, WhatWillNotPassIsNotTriedAgain) {
    for (const std::string& answer :
         {std::string("HTTP/1.1 404 x\r\nContent-Length: 0\r\n\r\n"), ok("abc", "Content-Encoding: gzip\r\n"),
          ok(std::string(2'000, 'x')), std::string("HTTP/1.1 302 x\r\nContent-Length: 0\r\n\r\n")}) {
        const LocalServer server(answering(answer));
        Client client(settings_for_tests(), new_room());
        EXPECT_NE(fetch(client, get_of(server.url("/a"), 1'000)).failure, Failure::none);
        EXPECT_EQ(server.requests().size(), 1U) << answer;
    }
}

/// An errand without a network: its exchanges are what a test says.
struct Alone {
    explicit Alone(std::chrono::milliseconds time)
        : errand(
              [time] {
                  Get request = get_of("http://store.example/a");
                  request.deadline = core::Deadline::after(time);
                  request.attempts = 1'000;
                  return request;
              }(),
              new_room(), [this](const GetAnswer& answer) { result = result_of(answer); }) {
        EXPECT_TRUE(errand.arrive().has_value());
    }
    std::optional<Step> fail() {
        return errand.go_on(Fault{.failure = Failure::connect, .why = "no luck", .passing = true});
    }

    std::string result;
    GetErrand errand;
};

TEST(Attempts, NoneBeginsBehindTheDeadline) {
    Alone alone(std::chrono::milliseconds(50));   // the first pause is longer
    EXPECT_FALSE(alone.fail().has_value());
    EXPECT_EQ(alone.result, "connect: no luck");
}

TEST(Attempts, EachIsTwiceAsFarAwayAsTheOneBefore) {
    Alone alone(std::chrono::hours(1));
    for (std::uint64_t pause_ns = 100'000'000; pause_ns <= 6'400'000'000; pause_ns *= 2) {
        const std::uint64_t before_ns = util::monotonic_ns();
        const auto step = alone.fail();
        const std::uint64_t after_ns = util::monotonic_ns();
        ASSERT_TRUE(step.has_value()) << alone.result;
        EXPECT_GE(step->not_before_ns, before_ns + pause_ns / 10 * 8);
        EXPECT_LE(step->not_before_ns, after_ns + pause_ns / 10 * 12);
    }
}

TEST(Attempts, WhereNobodyListensThereIsNoConnection) {
    const std::uint16_t port = LocalServer(answering("")).port();
    Client client(settings_for_tests(), new_room());
    Get request = get_of("http://127.0.0.1:" + std::to_string(port) + "/secret?token=1");
    request.attempts = 2;
    const std::string result = result_of(fetch(client, std::move(request)));
    EXPECT_EQ(result,
              "connect: cannot connect to 127.0.0.1:" + std::to_string(port) + ": Connection refused");
}

}   // namespace
}   // namespace microengine::fetch
