// SPDX-License-Identifier: MIT
// Slow clients, many clients, and the end.
#include "http_support.hpp"

namespace microengine::http {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

TEST(HttpTimeouts, AHeadThatDoesNotCome) {
    const Running running(with([&](core::HttpSettings& s) { s.header_timeout = 30ms; }));
    Client silent = running.unix_client();
    EXPECT_TRUE(silent.ended()) << "who says nothing is told nothing";
    Client slow = running.unix_client();
    EXPECT_EQ(slow.send("GET / HTTP/1.1\r\nHost: ").reply().code(), "timed_out");
    EXPECT_TRUE(slow.ended());
}

TEST(HttpTimeouts, ABodyThatDoesNotCome_HoldsNoSlot) {
    Running running(with([&](core::HttpSettings& s) { s.body_timeout = 30ms; }));
    Client slow = running.unix_client();
    slow.send("POST /v1/scan HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nevil");
    EXPECT_EQ(slow.reply().code(), "timed_out");
    EXPECT_TRUE(slow.ended());
    EXPECT_TRUE(running.service.seen().empty());
    EXPECT_EQ(running.room->used(), 0U);
}

TEST(HttpTimeouts, AConnectionThatIsNotUsedAnyMore) {
    const Running running(with([&](core::HttpSettings& s) { s.keep_alive = 30ms; }));
    Client client = running.unix_client();
    EXPECT_EQ(client.send(get("/healthz")).reply().status, 200);
    EXPECT_TRUE(client.ended());
}

TEST(HttpTimeouts, AScanIsWaitedFor_LongerThanAllOfThem) {
    Running running(with([&](core::HttpSettings& s) {
        s.header_timeout = 30ms;
        s.body_timeout = 30ms;
        s.keep_alive = 30ms;
    }));
    running.service.hold();
    Client client = running.unix_client();
    client.send(request("POST", "/v1/scan", "evil"));
    running.service.await_jobs(1);
    Client other = running.unix_client();   // that one has timed out when this one has
    EXPECT_TRUE(other.ended());
    running.service.let_go();
    EXPECT_EQ(client.reply().json()["verdict"], "malicious");
}

TEST(HttpTimeouts, AClientThatTakesNoAnswer_IsLeft) {
    const Running running(with([&](core::HttpSettings& s) { s.send_timeout = 30ms; }));
    Client client = running.unix_client();
    std::string all;
    for (int i = 0; i < 2000; ++i) all += get("/v1/openapi.json");
    client.send(all);   // and reads nothing: more than the sockets hold
    EXPECT_TRUE(running.wait_until_connections(0));
}

TEST(HttpConnections, MoreThanSoMany_Wait) {
    const Running running(with([&](core::HttpSettings& s) { s.max_connections = 2; }));
    Client one = running.unix_client();
    Client two = running.tcp_client();
    EXPECT_EQ(one.send(get("/healthz")).reply().status, 200);
    EXPECT_EQ(two.send(get("/healthz")).reply().status, 200);
    Client three = running.unix_client();
    three.send(get("/healthz"));
    EXPECT_EQ(one.send(get("/healthz", "Connection: close\r\n")).reply().status, 200);
    EXPECT_TRUE(one.ended());
    EXPECT_EQ(three.reply().status, 200);
}

TEST(HttpEnd, WhatIsInWorkIsAnswered_AndNoMoreIsTaken) {
    Running running;
    running.service.hold();
    Client working = running.unix_client();
    working.send(request("POST", "/v1/scan", "evil"));
    running.service.await_jobs(1);
    Client sending = running.tcp_client();
    sending.send("POST /v1/scan HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nev");
    Client idle = running.unix_client();
    EXPECT_EQ(idle.send(get("/healthz")).reply().status, 200);
    Client half = running.unix_client();
    half.send("GET /heal");
    EXPECT_TRUE(running.wait_until_connections(4));

    running.server->stop_accepting();
    EXPECT_TRUE(idle.ended());
    EXPECT_TRUE(half.ended());
    EXPECT_FALSE(running.unix_client().connected());
    running.service.let_go();
    EXPECT_EQ(working.reply().json()["verdict"], "malicious");
    EXPECT_EQ(sending.send("il").reply().json()["verdict"], "malicious") << "it had begun";
    EXPECT_TRUE(running.server->drain(steady_clock::now() + kPatience));
}

TEST(HttpEnd, WhoHasNotShakenHands_IsNotWaitedFor) {
    const TempDir dir;
    write_certificate(dir, "x");
    const Running running(with([&](core::HttpSettings& s) {
        s.tls_certificate = dir / "cert.pem";
        s.tls_key = dir / "key.pem";
    }));
    Client silent = running.tcp_client();
    EXPECT_TRUE(running.wait_until_connections(1));
    EXPECT_TRUE(running.server->drain(steady_clock::now() + kPatience));
    EXPECT_TRUE(silent.ended());
}

TEST(HttpEnd, Drains_OnceAllHaveBeenAnswered) {
    Running running;
    running.service.hold();
    Client working = running.unix_client();
    working.send(request("POST", "/v1/scan", "evil"));
    running.service.await_jobs(1);
    running.server->stop_accepting();
    running.service.let_go();
    const Reply reply = working.reply();
    EXPECT_EQ(reply.json()["verdict"], "malicious");
    EXPECT_EQ(reply.field("connection"), "close");
    EXPECT_TRUE(working.ended());
    EXPECT_TRUE(running.server->drain(steady_clock::now() + kPatience));
}

TEST(HttpEnd, WhoIsLeftAtTheEnd_IsClosed) {
    Running running;
    running.service.hold();
    Client working = running.unix_client();
    working.send(request("POST", "/v1/scan", "evil"));
    running.service.await_jobs(1);
    EXPECT_FALSE(running.server->drain(steady_clock::now()));
    EXPECT_TRUE(working.ended());
}

TEST(HttpEnd, WithNobodyThere_IsAtOnce) {
    const Running running;
    EXPECT_TRUE(running.server->answers(steady_clock::now() + kPatience));
    EXPECT_TRUE(running.server->drain(steady_clock::now() + kPatience));
    EXPECT_TRUE(running.server->answers(steady_clock::now() + kPatience))
        << "still there until it is destroyed";
}

}   // namespace
}   // namespace microengine::http
