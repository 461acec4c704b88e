// SPDX-License-Identifier: MIT
// The table of answers, row by row.
#include "webhook_support.hpp"

namespace microengine::polyswarm {

namespace {

using support::Client;
using support::Reply;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kOk = R"(200 {"status":"OK"})";
constexpr std::string_view kAccepted = R"(202 {"status":"ACCEPTED"})";
constexpr std::string_view kNoSignature =
    R"(400 {"X-POLYSWARM-SIGNATURE":"Signature not included in headers"})";
constexpr std::string_view kBadSignature = R"(401 {"X-POLYSWARM-SIGNATURE":"Signature does not match body"})";
constexpr std::string_view kBadEvent = R"(400 {"X-POLYSWARM-EVENT":"Given event not supported"})";
constexpr std::string_view kBadBounty = R"(400 {"bounty":"Invalid bounty request"})";

TEST_F(WebhookTest, IsAlive_WhoeverAsks) {
    start();
    EXPECT_EQ(text_of(ask("GET /polyswarm HTTP/1.1\r\nHost: a\r\n\r\n")), kOk);
    EXPECT_EQ(text_of(ask("GET /polyswarm?x=y HTTP/1.1\r\nHost: a\r\n\r\n")), kOk);
    EXPECT_EQ(text_of(ask("GET /swarm/other HTTP/1.1\r\nHost: any.example\r\nOrigin: http://evil\r\n\r\n")),
              kOk);
}

TEST_F(WebhookTest, HeadIsAnsweredWithoutBody) {
    start();
    Client client = this->client();
    client.send("HEAD /polyswarm HTTP/1.1\r\nHost: a\r\n\r\nGET /polyswarm HTTP/1.1\r\nHost: a\r\n\r\n");
    const Reply head = client.reply(true);
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.field("content-length"), "15");
    EXPECT_EQ(text_of(client.reply()), kOk);   // begins right behind
}

TEST_F(WebhookTest, ABountyToAnotherPath_IsNotTaken) {
    start();
    for (const std::string path :
         {"/", "/polyswarm/", "/polyswarmx", "/Polyswarm", "/v1/polyswarm", "/swarm"})
        EXPECT_EQ(ask({.path = path}).status, 404) << path;
    EXPECT_EQ(count_arrivals(), 0);
}

TEST_F(WebhookTest, AnotherMethodIsNotAllowed_WhateverItBrings) {
    start();
    for (const std::string method : {"PUT", "DELETE", "PATCH", "OPTIONS"}) {
        const Reply reply = ask({.method = method});
        EXPECT_EQ(reply.status, 405) << method;
        EXPECT_EQ(reply.field("allow"), "GET, HEAD, POST") << method;
    }
    EXPECT_EQ(ask({.method = "PUT", .body = std::string(settings.max_body_bytes + 1, 'x')}).status, 405);
    EXPECT_EQ(ask("PUT /polyswarm HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n").status, 405);
    EXPECT_EQ(count_arrivals(), 0);
}

TEST_F(WebhookTest, ABodyIsAsLargeAsIsAllowed_AndNoByteLarger) {
    settings.max_body_bytes = 1'000;
    start();
    for (const bool chunked : {false, true}) {
        EXPECT_EQ(text_of(ask({.event = "ping", .body = std::string(1'000, 'x'), .chunked = chunked})), kOk);
        EXPECT_EQ(ask({.event = "ping", .body = std::string(1'001, 'x'), .chunked = chunked}).status, 413);
    }
    EXPECT_EQ(ask({.event = "ping", .body = std::string(100'000, 'x'), .chunked = true}).status, 413);
}

TEST_F(WebhookTest, ABodyThatIsTooLarge_IsNotWaitedFor) {
    start();
    EXPECT_EQ(ask("POST /polyswarm HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n"
                  "Expect: 100-continue\r\n\r\n")
                  .status,
              413);
}

TEST_F(WebhookTest, ASlowBodyIsNotWaitedFor) {
    settings.request_timeout = std::chrono::milliseconds(50);
    start();
    EXPECT_EQ(ask("POST /polyswarm HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nfour").status, 408);
}

TEST_F(WebhookTest, NorIsASlowHead) {
    http_settings.header_timeout = std::chrono::milliseconds(50);
    start();
    EXPECT_EQ(ask("POST /polyswarm HTTP/1.1\r\nHost: a\r\n").status, 408);
}

TEST_F(WebhookTest, WithoutSignature_NothingIsLookedAt) {
    start();
    EXPECT_EQ(text_of(ask({.secret = ""})), kNoSignature);
    EXPECT_EQ(text_of(ask({.event = "ping", .type = "", .body = "", .secret = ""})), kNoSignature);
    EXPECT_EQ(text_of(ask({.event = "", .type = "text/plain", .body = "no JSON", .secret = ""})),
              kNoSignature);
}

TEST_F(WebhookTest, AnotherSignatureIsRefused_WhateverElseIsWrong) {
    start();
    const std::string right = signature_of(kBounty, kSecret);
    const std::string doubled = "X-POLYSWARM-SIGNATURE: " + right + "\r\n";
    const std::string nul = right.substr(0, 63) + "g";
    EXPECT_EQ(text_of(ask({.secret = "another secret"})), kBadSignature);
    EXPECT_EQ(text_of(ask({.event = "", .type = "", .body = "no JSON", .secret = "another"})), kBadSignature);
    EXPECT_EQ(text_of(ask({.signature = ""})), kBadSignature);
    EXPECT_EQ(text_of(ask({.signature = nul})), kBadSignature);
    EXPECT_EQ(text_of(ask({.signature = right + "," + right})), kBadSignature);
    EXPECT_EQ(text_of(ask({.signature = "\"" + right + "\""})), kBadSignature);
    EXPECT_EQ(text_of(ask({.fields = doubled})), kBadSignature);
    EXPECT_EQ(text_of(ask({.fields = "x-polyswarm-signature: \r\n"})), kBadSignature);
    EXPECT_EQ(text_of(ask({.body = std::string(kBounty) + "\n", .signature = right})), kBadSignature);
    EXPECT_EQ(text_of(ask({.body = "", .signature = right})), kBadSignature);
    EXPECT_EQ(count_arrivals(), 0);
}

TEST_F(WebhookTest, ASignedPingIsAnswered_WhateverItsBodyAndType) {
    start();
    for (const std::string body : {"", "{}", "ping", "\xff\xfe"})
        for (const std::string type : {"", "text/plain", "application/json"})
            EXPECT_EQ(text_of(ask({.event = "ping", .type = type, .body = body})), kOk) << body << type;
    EXPECT_EQ(count_arrivals(), 0);
}

TEST_F(WebhookTest, AnotherEventIsRefused) {
    start();
    for (const std::string event : {"", "analyze", "bountyx", "ping bounty", "ping, bounty", "b\xc3\xb6unty"})
        EXPECT_EQ(text_of(ask({.event = event})), kBadEvent) << event;
    EXPECT_EQ(text_of(ask({.fields = "X-POLYSWARM-EVENT: bounty\r\n"})), kBadEvent);   // two
    EXPECT_EQ(text_of(ask({.event = "analyze", .type = "text/plain"})), kBadEvent);    // before its type
    EXPECT_EQ(count_arrivals(), 0);
}

TEST_F(WebhookTest, ABountyIsJson) {
    start();
    for (const std::string type : {"application/json", "application/json; charset=utf-8",
                                   "Application/JSON ;charset=utf-8", "application/json;"})
        EXPECT_EQ(text_of(ask({.type = type})), kAccepted) << type;
    for (const std::string type :
         {"", "text/plain", "application/jsonx", "application/x-www-form-urlencoded", "json", ";"})
        EXPECT_EQ(ask({.type = type}).status, 415) << type;
    EXPECT_EQ(ask({.fields = "Content-Type: application/json\r\n"}).status, 415);   // two
    EXPECT_EQ(ask({.type = "text/plain", .body = "no JSON"}).status, 415);          // before its body
    EXPECT_EQ(count_arrivals(), 4);
}

TEST_F(WebhookTest, ABountyThatIsNone_IsRefused) {
    start();
    for (const std::string body : {"", "no JSON", "[]", "7", "null", "{}", R"({"id":7})",
                                   R"({"id":null,"artifact_uri":"a","response_url":"http://a/"})",
                                   R"({"id":7,"artifact_uri":"a","response_url":"ftp://a/"})",
                                   R"({"id":7,"artifact_uri":"","response_url":"http://a/"})"})
        EXPECT_EQ(text_of(ask({.body = body})), kBadBounty) << body;
    EXPECT_EQ(count_arrivals(), 0);
}

TEST_F(WebhookTest, ABountyIsAccepted_AsItWasSigned) {
    start();
    const std::string body = std::string(kBounty) + "\r\n";
    const Reply reply = ask({.body = body, .fields = "X-POLYSWARM-DELIVERY: d-1\r\n"});
    EXPECT_EQ(text_of(reply), kAccepted);
    EXPECT_EQ(reply.field("content-type"), "application/json");
    const auto taken = arrivals();
    ASSERT_EQ(taken.size(), 1);
    EXPECT_EQ(taken[0].engine, engines[0].get());
    EXPECT_EQ(taken[0].body, body);
    EXPECT_EQ(taken[0].bounty.id, "7");
    EXPECT_EQ(taken[0].delivery, "d-1");
}

TEST_F(WebhookTest, AllBodiesAreJson) {
    start();
    for (const Asking& asking :
         {Asking{}, Asking{.event = "ping"}, Asking{.secret = ""}, Asking{.secret = "x"}, Asking{.event = ""},
          Asking{.type = ""}, Asking{.body = ""}}) {
        const Reply reply = ask(asking);
        EXPECT_EQ(reply.field("content-type"), "application/json") << text_of(reply);
        EXPECT_TRUE(reply.json().is_object()) << text_of(reply);
    }
}

TEST_F(WebhookTest, BusyAndJournalSayTheyWillBeBack) {
    EXPECT_EQ(busy_response().status, 503);
    EXPECT_EQ(busy_response().body, R"({"error":"busy"})");
    ASSERT_EQ(busy_response().fields.size(), 1);
    EXPECT_EQ(busy_response().fields[0].name, "Retry-After");
    EXPECT_EQ(busy_response().fields[0].value, "1");
    EXPECT_EQ(journal_response().status, 503);
    EXPECT_EQ(journal_response().body, R"({"error":"journal"})");
}

}   // namespace
}   // namespace microengine::polyswarm
