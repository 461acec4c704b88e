// SPDX-License-Identifier: MIT
// Deadlines, turns and the end of a client. Limits are short where they must be met, and long where not.
#include "fetch_support.hpp"

#include <latch>
#include <thread>

namespace microengine::fetch {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::StartsWith;

constexpr milliseconds kShort{40};

Script silent() {
    return [](Peer& peer) { peer.wait_until_gone(); };
}

Get within(milliseconds time, std::string url) {
    Get request = get_of(std::move(url));
    request.deadline = core::Deadline::after(time);
    return request;
}

TEST(FetchTime, WhoDoesNotAnswerInTimeIsLeft) {
    const LocalServer server(silent());
    Client client(settings_for_tests(), new_room());
    EXPECT_THAT(result_of(fetch(client, within(kShort, server.url("/a")))), StartsWith("timeout: "));
    EXPECT_EQ(result_of(fetch(client, within(milliseconds(500), server.url("/a?secret")))),
              "timeout: 127.0.0.1:" + std::to_string(server.port()) + " did not answer in time");
}

TEST(FetchTime, ADeadlineThatHasPassedIsNotWaitedFor) {
    const LocalServer server(answering(ok("late")));
    Client client(settings_for_tests(), new_room());
    Get request = get_of(server.url("/a"));
    request.deadline = core::Deadline(1);
    EXPECT_THAT(result_of(fetch(client, std::move(request))), StartsWith("timeout: "));
    EXPECT_EQ(server.connections(), 0U);
}

TEST(FetchTime, WithoutADeadlineNothingIsLate) {
    const LocalServer server(answering(ok("in time")));
    Client client(settings_for_tests(), new_room());
    Get request = get_of(server.url("/a"));
    request.deadline = {};
    EXPECT_EQ(result_of(fetch(client, std::move(request))), "none");
}

TEST(FetchTime, WhoTricklesIsLeftBeforeTheDeadline) {
    const LocalServer server([](Peer& peer) {
        (void)peer.request();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
        peer.wait_until_gone();
    });
    ClientSettings settings = settings_for_tests();
    settings.stall_timeout = kShort;
    const auto room = new_room();
    Client client(std::move(settings), room);
    EXPECT_EQ(result_of(fetch(client, get_of(server.url("/a")))),
              "timeout: 127.0.0.1:" + std::to_string(server.port()) + " sent less than 1 kB a second");
    EXPECT_LE(server.connections(), 1U);   // not tried again
    EXPECT_EQ(room->used(), 0U);
}

TEST(FetchTime, AStallBeforeTheAnswerIsOneToo) {
    const LocalServer server(silent());
    ClientSettings settings = settings_for_tests();
    settings.stall_timeout = kShort;
    Client client(std::move(settings), new_room());
    EXPECT_THAT(result_of(fetch(client, get_of(server.url("/a")))),
                testing::EndsWith(" sent less than 1 kB a second"));
}

TEST(FetchTime, WithoutStallTimeoutOnlyTheDeadlineCounts) {
    const LocalServer server(silent());
    ClientSettings settings = settings_for_tests();
    settings.stall_timeout = milliseconds(0);
    Client client(std::move(settings), new_room());
    EXPECT_THAT(result_of(fetch(client, within(kShort, server.url("/a")))), StartsWith("timeout: "));
}

TEST(FetchTime, RequestsTakeTheirTurnsInOrder) {
    std::latch go(1);
    const LocalServer server([&go](Peer& peer) {
        while (!peer.request().empty()) {
            go.wait();
            peer.send(ok("x"));
        }
    });
    ClientSettings settings = settings_for_tests();
    settings.at_once = 1;
    Client client(std::move(settings), new_room());
    std::vector<std::future<GetAnswer>> answers;
    for (const std::string_view path : {"/1", "/2", "/3", "/4"})
        answers.push_back(begin(client, get_of(server.url(path))));
    go.count_down();
    for (auto& answer : answers) EXPECT_EQ(result_of(answer_of(std::move(answer))), "none");
    std::vector<std::string> paths;
    for (const std::string& request : server.requests()) paths.push_back(request.substr(4, 2));
    EXPECT_THAT(paths, ElementsAre("/1", "/2", "/3", "/4"));
    EXPECT_EQ(server.connections(), 1U);
}

TEST(FetchTime, ADeadlineCountsAlsoWhileARequestWaits) {
    std::latch go(1);
    const LocalServer server([&go](Peer& peer) {
        (void)peer.request();
        go.wait();
        peer.send(ok("x"));
    });
    ClientSettings settings = settings_for_tests();
    settings.at_once = 1;
    Client client(std::move(settings), new_room());
    auto first = begin(client, get_of(server.url("/1")));
    auto patient = begin(client, get_of(server.url("/2")));
    EXPECT_EQ(result_of(fetch(client, within(kShort, server.url("/3")))),
              "timeout: the deadline passed before its turn came");
    EXPECT_EQ(bytes_of(fetch(client, get_of("data:,needs%20no%20turn"))), "needs no turn");
    go.count_down();
    EXPECT_EQ(result_of(answer_of(std::move(first))), "none");
    EXPECT_EQ(result_of(answer_of(std::move(patient))), "none");
    EXPECT_EQ(server.requests().size(), 2U);
}

TEST(FetchTime, ManyAreAtWorkAtOnce) {
    constexpr int many = 8;
    std::latch all(many);
    const LocalServer server([&all](Peer& peer) {
        (void)peer.request();
        all.arrive_and_wait();   // each needs all the others
        peer.send(ok("x"));
    });
    ClientSettings settings = settings_for_tests();
    settings.at_once = many;
    Client client(std::move(settings), new_room());
    std::vector<std::future<GetAnswer>> answers;
    for (int i = 0; i < many; ++i) answers.push_back(begin(client, get_of(server.url("/a"))));
    for (auto& answer : answers) EXPECT_EQ(result_of(answer_of(std::move(answer))), "none");
}

TEST(FetchTime, AResolverThatHangsHoldsNobodyUp) {
    Names::set("slow.example", {"127.0.0.1"});
    Names::hold("slow.example");
    const LocalServer server(answering(ok("x")));
    {
        Client client(settings_for_tests(), new_room());
        auto slow = begin(client, within(kShort, "http://slow.example/a"));
        EXPECT_EQ(result_of(fetch(client, get_of(server.url("/a")))), "none");
        EXPECT_THAT(result_of(answer_of(std::move(slow))), StartsWith("timeout: "));
        auto cancelled = begin(client, get_of("http://slow.example/b"));
        EXPECT_EQ(result_of(fetch(client, get_of(server.url("/b")))), "none");
    }   // nor does the end of the client wait
    Names::let_go("slow.example");
}

TEST(FetchTime, ANameThatTakesTooLongIsNotAskedForAgain) {
    Names::set("slower.example", {"127.0.0.1"});
    Names::hold("slower.example");
    ClientSettings settings = settings_for_tests();
    settings.connect_timeout = kShort;
    Client client(std::move(settings), new_room());
    EXPECT_EQ(result_of(fetch(client, get_of("http://slower.example:81/a"))),
              "resolve: the name of slower.example:81 did not resolve within 40 ms");
    EXPECT_LE(Names::asked("slower.example"), 1U);
    Names::let_go("slower.example");
}

TEST(FetchTime, TheEndOfAClientAnswersAll) {
    const LocalServer server(silent());
    ClientSettings settings = settings_for_tests();
    settings.at_once = 1;
    std::vector<std::future<GetAnswer>> answers;
    std::future<PostAnswer> post;
    std::future<GetAnswer> later;
    {
        Client client(std::move(settings), new_room());
        for (int i = 0; i < 3; ++i) answers.push_back(begin(client, get_of(server.url("/a"))));
        post = begin(client, Post{.url = server.url("/a"), .body = "{}", .deadline = {}});
        std::promise<GetAnswer> promise;
        later = promise.get_future();
        client.get(get_of(server.url("/a")), [&client, &server,
                                              promise = std::move(promise)](GetAnswer) mutable {
            client.get(get_of(server.url("/a")), [promise = std::move(promise)](GetAnswer answer) mutable {
                promise.set_value(std::move(answer));
            });
        });
    }
    for (auto& answer : answers)
        EXPECT_EQ(result_of(answer_of(std::move(answer))), "cancelled: the client ended");
    EXPECT_EQ(result_of(answer_of(std::move(post))), "cancelled: the client ended");
    EXPECT_EQ(result_of(answer_of(std::move(later))), "cancelled: the client ended");
}

TEST(FetchTime, AnAnswerMayAskForMore) {
    const LocalServer server(answering(ok("x")));
    Client client(settings_for_tests(), new_room());
    std::promise<GetAnswer> promise;
    auto second = promise.get_future();
    client.get(get_of(server.url("/1")), [&, promise = std::move(promise)](GetAnswer) mutable {
        client.get(get_of(server.url("/2")), [promise = std::move(promise)](GetAnswer answer) mutable {
            promise.set_value(std::move(answer));
        });
    });
    EXPECT_EQ(result_of(answer_of(std::move(second))), "none");
}

TEST(FetchTime, ManyThreadsMayAsk) {
    const LocalServer server(answering(ok("x")));
    Client client(settings_for_tests(), new_room());
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int n = 0; n < 25; ++n)
                EXPECT_EQ(result_of(fetch(client, get_of(server.url("/a")))), "none");
        });
    threads.clear();
    EXPECT_EQ(server.requests().size(), 100U);
}

}   // namespace
}   // namespace microengine::fetch
