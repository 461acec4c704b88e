// SPDX-License-Identifier: MIT
// POST /v1/scan on real sockets.
#include "host/frontends/http/problem.hpp"
#include "host/report/json.hpp"
#include "http_support.hpp"

namespace microengine::http {
namespace {

using namespace std::chrono_literals;

std::string chunked(std::string_view body, std::string_view fields = "") {
    return "POST /v1/scan HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n" +
           std::string(fields) + "\r\n" + std::string(body);
}

TEST(HttpScan, ARawBody_IsOneArtifact_OverUnixSocketAndTcp) {
    const Running running;
    for (const bool tcp : {false, true}) {
        Client client = tcp ? running.tcp_client() : running.unix_client();
        const Reply reply = client.send(request("POST", "/v1/scan?name=a%20b.bin", "evil")).reply();
        EXPECT_EQ(reply.status, 200);
        EXPECT_EQ(reply.field("content-type"), "application/json");
        EXPECT_TRUE(report::from_json(reply.body));
        EXPECT_EQ(reply.json()["verdict"], "malicious");
        EXPECT_EQ(reply.json()["artifact"]["name"], "a b.bin");
        EXPECT_EQ(reply.json()["artifact"]["size"], 4);
    }
}

TEST(HttpScan, EveryAnswerHasItsSecurityFields_AndTheNameOfItsRequest) {
    const Running running;
    Client client = running.unix_client();
    const Reply reply = client.send(request("POST", "/v1/scan", "x")).reply();
    EXPECT_EQ(reply.field("x-content-type-options"), "nosniff");
    EXPECT_EQ(reply.field("cache-control"), "no-store");
    EXPECT_EQ(reply.field("x-request-id").size(), 32U);
    const Reply named = client.send(request("POST", "/v1/scan", "x", "X-Request-Id: mine-1\r\n")).reply();
    EXPECT_EQ(named.field("x-request-id"), "mine-1");
    const Reply renamed = client.send(request("POST", "/v1/scan", "x", "X-Request-Id: a b\r\n")).reply();
    EXPECT_EQ(renamed.field("x-request-id").size(), 32U) << "it could not stand in a log";
    EXPECT_EQ(client.send(get("/nowhere")).reply().field("x-request-id").size(), 32U);
}

TEST(HttpScan, AnUnknownVerdict_IsAnAnswer_AndNeverBenign) {
    const Running running;
    const Reply reply = running.ask(request("POST", "/v1/scan", "odd"));
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.json()["verdict"], "unknown");
}

TEST(HttpScan, AnEmptyBody_IsAnEmptyArtifact) {
    const Running running;
    EXPECT_EQ(running.ask(request("POST", "/v1/scan", "")).json()["artifact"]["size"], 0);
    EXPECT_EQ(running.ask(chunked("0\r\n\r\n")).json()["artifact"]["size"], 0);
}

TEST(HttpScan, TheNameComesFromTheParameter_ElseTheDisposition) {
    const Running running;
    const auto name = [&](std::string_view target, std::string_view fields) {
        return running.ask(request("POST", target, "x", fields)).json()["artifact"]["name"];
    };
    const std::string disposition = "Content-Disposition: attachment; filename=\"d.bin\"\r\n";
    EXPECT_EQ(name("/v1/scan?name=q", disposition), "q");
    EXPECT_EQ(name("/v1/scan", disposition), "d.bin");
    EXPECT_EQ(name("/v1/scan", ""), "upload");
}

TEST(HttpScan, TheOptionsReachTheJob) {
    Running running;
    const std::string target = "/v1/scan?timeout_ms=1500&class=bulk&detail=flips&all_matches=false";
    EXPECT_EQ(running.ask(request("POST", target, "x")).status, 200);
    const auto seen = running.service.seen().at(0);
    EXPECT_EQ(seen.timeout, 1500ms);
    EXPECT_EQ(seen.urgency, engine::Urgency::bulk);
    EXPECT_EQ(seen.detail, engine::Detail::flips);
    EXPECT_FALSE(seen.all_matches);
}

TEST(HttpScan, AWrongOption_IsRefused_AndNothingIsScanned) {
    Running running;
    for (const auto* const query : {"timeout_ms=0", "timeout_ms=60001", "timeout_ms=1s", "class=fast", "x=y",
                                    "detail=", "all_matches=1", "class=bulk&class=bulk"})
        EXPECT_EQ(running.ask(request("POST", std::string("/v1/scan?") + query, "x")).code(), "bad_parameter")
            << query;
    const Reply typo = running.ask(request("POST", "/v1/scan?timeout=5", "x"));
    EXPECT_TRUE(typo.body.contains("timeout_ms")) << typo.body;
    EXPECT_TRUE(running.service.seen().empty());
}

TEST(HttpScan, AForm_HasOneReportForEachPart_InItsOrder) {
    const Running running;
    const Reply reply =
        running.ask(request("POST", "/v1/scan", form({{"a", "fine"}, {"b", "evil"}, {"c", ""}}), kFormType));
    EXPECT_EQ(reply.status, 200);
    const auto reports = reply.json()["reports"];
    ASSERT_EQ(reports.size(), 3U);
    EXPECT_EQ(reports[0]["verdict"], "benign");
    EXPECT_EQ(reports[1]["verdict"], "malicious");
    EXPECT_EQ(reports[1]["artifact"]["name"], "b");
    EXPECT_EQ(reports[2]["artifact"]["size"], 0);
}

TEST(HttpScan, ChunksAndLargeBodies_ArriveWhole) {
    Running running;
    std::string body;
    for (int i = 0; i < 200'000; ++i) body += std::to_string(i);
    std::string chunks;
    for (std::size_t at = 0; at < body.size(); at += 7000) {
        const std::string piece = body.substr(at, 7000);
        std::array<char, 20> size{};
        (void)std::snprintf(size.data(), size.size(), "%zx\r\n", piece.size());
        chunks += size.data() + piece + "\r\n";
    }
    EXPECT_EQ(running.ask(chunked(chunks + "0\r\n\r\n")).status, 200);
    EXPECT_EQ(running.ask(request("POST", "/v1/scan", body)).status, 200);
    EXPECT_EQ(running.ask(request("POST", "/v1/scan", form({{"a", body}}), kFormType)).status, 200);
    const auto seen = running.service.seen();
    ASSERT_EQ(seen.size(), 3U);
    for (const auto& one : seen) EXPECT_TRUE(one.bytes == body);
    EXPECT_EQ(running.room->used(), 0U) << "the room is given back";
}

TEST(HttpScan, OneConnection_ServesManyRequests_AlsoSentAtOnce) {
    const Running running;
    Client client = running.unix_client();
    std::string all;
    for (int i = 0; i < 20; ++i) all += request("POST", "/v1/scan?name=" + std::to_string(i), "evil");
    client.send(all);
    for (int i = 0; i < 20; ++i) {
        const Reply reply = client.reply();
        EXPECT_EQ(reply.field("connection"), "keep-alive");
        EXPECT_EQ(reply.json()["artifact"]["name"], std::to_string(i));
    }
    EXPECT_EQ(client.send(get("/healthz", "Connection: close\r\n")).reply().field("connection"), "close");
    EXPECT_TRUE(client.ended());
}

TEST(HttpScan, ARefusal_EndsTheConnectionOnlyWhereABodyIsLeft) {
    const Running running;
    Client client = running.unix_client();
    EXPECT_EQ(client.send(get("/nowhere")).reply().status, 404);
    EXPECT_EQ(client.send(request("POST", "/v1/scan?x=y", "")).reply().status, 400);
    EXPECT_EQ(client.send(request("POST", "/v1/scan?x=y", "z")).reply().field("connection"), "close");
    EXPECT_TRUE(client.ended());
}

TEST(HttpScan, OldClientsAreAnswered) {
    const Running running;
    Client client = running.unix_client();
    client.send("POST /v1/scan HTTP/1.0\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\nevil");
    const Reply reply = client.reply();
    EXPECT_EQ(reply.json()["verdict"], "malicious");
    EXPECT_EQ(reply.field("connection"), "close");
    EXPECT_TRUE(client.ended());
}

TEST(HttpScan, WhoAsksFirst_IsToldToGoOn) {
    const Running running;
    Client client = running.unix_client();
    client.send(
        "POST /v1/scan HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.reply().status, 100);
    EXPECT_EQ(client.send("evil").reply().json()["verdict"], "malicious");
    // What is refused by its head is not asked for.
    client.send(
        "POST /v1/scan HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999999\r\nExpect: "
        "100-continue\r\n\r\n");
    EXPECT_EQ(client.reply().code(), "too_large");
    EXPECT_TRUE(client.ended());
    EXPECT_EQ(running.ask(request("POST", "/v1/scan", "x", "Expect: tea\r\n")).code(), "expectation_failed");
}

TEST(HttpScan, WhatCannotBeTaken) {
    Running running(with([&](core::HttpSettings& s) {
        s.max_artifact_bytes = 1000;
        s.max_artifacts = 2;
    }));
    const auto post = [&](std::string_view body, std::string_view fields) {
        return running.ask(request("POST", "/v1/scan", body, fields)).code();
    };
    const std::string large(1001, 'x');
    EXPECT_EQ(running.ask("POST /v1/scan HTTP/1.1\r\nHost: localhost\r\n\r\n").code(), "length_required");
    EXPECT_EQ(post(large, ""), "too_large");
    EXPECT_EQ(running.ask(chunked("3e9\r\n" + large + "\r\n0\r\n\r\n")).code(), "too_large");
    EXPECT_EQ(post(form({{"a", large}}), kFormType), "too_large");
    EXPECT_EQ(post(form({{"a", "1"}, {"b", "2"}, {"c", "3"}}), kFormType), "too_many_artifacts");
    EXPECT_EQ(post("x", "Content-Encoding: gzip\r\n"), "unsupported_media_type");
    EXPECT_EQ(post("x", "Content-Type: multipart/mixed; boundary=x\r\n"), "unsupported_media_type");
    EXPECT_EQ(post("x", "Content-Type: multipart/form-data\r\n"), "malformed_body");
    EXPECT_EQ(post("x", kFormType), "malformed_body") << "no boundary in it";
    EXPECT_EQ(post("--x-y--\r\n", kFormType), "malformed_body") << "no part in it";
    EXPECT_EQ(post(form({{"a", "1"}}).substr(0, 75), kFormType), "malformed_body") << "cut off";
    EXPECT_EQ(post("--x-y\r\nContent-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: "
                   "base64\r\n\r\neA==\r\n--x-y--\r\n",
                   kFormType),
              "malformed_body");
    EXPECT_EQ(running.ask(request("POST", "/v1/scan?name=n", form({{"a", "1"}}), kFormType)).code(),
              "bad_parameter");
    EXPECT_TRUE(running.service.seen().empty());
    EXPECT_EQ(running.room->used(), 0U);
    EXPECT_EQ(running.ask(request("POST", "/v1/scan", std::string(1000, 'x'))).status, 200) << "just so much";
}

TEST(HttpScan, AClientThatStillSends_HearsWhyItIsRefused) {
    const Running running(with([&](core::HttpSettings& s) { s.max_artifact_bytes = 1000; }));
    Client client = running.tcp_client();
    client.send(chunked("1000000\r\n"));
    for (int i = 0; i < 100; ++i) client.send(std::string(100'000, 'x'));
    EXPECT_EQ(client.reply().code(), "too_large");
    client.finish();
    EXPECT_TRUE(client.ended());
}

TEST(HttpScan, AFullQueue_ASpoolWithoutRoom_AndAnEndingService_ArePassing) {
    Running running({}, 1000);
    const Reply room = running.ask(request("POST", "/v1/scan", std::string(1001, 'x')));
    EXPECT_EQ(room.code(), "no_room");
    EXPECT_EQ(room.status, 503);
    running.service.answer_offers(engine::Offer::full);
    const Reply full = running.ask(request("POST", "/v1/scan", "x"));
    EXPECT_EQ(full.code(), "queue_full");
    EXPECT_EQ(full.status, 503);
    EXPECT_EQ(full.field("retry-after"), "1");
    running.service.answer_offers(engine::Offer::closed);
    EXPECT_EQ(running.ask(request("POST", "/v1/scan", "x")).code(), "ending");
    EXPECT_EQ(running.room->used(), 0U);
}

TEST(HttpScan, AClientThatOnlySendsNoMore_GetsItsAnswer) {
    Running running;
    running.service.hold();
    Client client = running.tcp_client();
    client.send(request("POST", "/v1/scan", "evil"));
    client.finish();
    running.service.await_jobs(1);
    running.service.let_go();
    EXPECT_EQ(client.reply().status, 200);
    EXPECT_FALSE(running.service.seen().at(0).cancelled);
}

TEST(HttpScan, AClientThatGoesAway_IsNotScannedFor) {
    Running running;
    running.service.hold();
    {
        Client client = running.unix_client();
        client.send(request("POST", "/v1/scan", "evil"));
        running.service.await_jobs(1);
    }
    // The server answers others all the while; once it has told of no connection, it has seen that one go.
    EXPECT_TRUE(running.wait_until_connections(0));
    running.service.let_go();
    running.service.await_done(1);
    EXPECT_TRUE(running.service.seen().at(0).cancelled);
}

TEST(HttpScan, AClientThatGoesAwayWhileItSends_LeavesNothingBehind) {
    Running running;
    {
        Client client = running.tcp_client();
        client.send("POST /v1/scan HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nevil");
        EXPECT_TRUE(running.wait_until_connections(1));
    }
    EXPECT_TRUE(running.wait_until_connections(0));
    EXPECT_EQ(running.room->used(), 0U);
    EXPECT_TRUE(running.service.seen().empty());
}

}   // namespace
}   // namespace microengine::http
