// SPDX-License-Identifier: MIT
#include "fetch_support.hpp"

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

TEST(Attempts, NoAttemptIsMadeThatWouldBeginBehindTheDeadline) {
    const LocalServer server(answering("HTTP/1.1 500 x\r\nContent-Length: 0\r\n\r\n"));
    Client client(settings_for_tests(), new_room());
    Get request = get_of(server.url("/a"));
    request.attempts = 1'000;
    request.deadline = core::Deadline::after(std::chrono::milliseconds(400));
    // 100 + 200 + 400 ms and more: the last status is the answer, not the deadline.
    EXPECT_THAT(result_of(fetch(client, std::move(request))), StartsWith("status: "));
    EXPECT_LE(server.requests().size(), 4U);
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
