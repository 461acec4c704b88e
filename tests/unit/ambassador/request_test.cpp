// SPDX-License-Identifier: MIT
#include "host/frontends/ambassador/request.hpp"

#include <gtest/gtest.h>

namespace microengine::ambassador {
namespace {

const Target kTarget{.host = "127.0.0.1", .port = "8080", .path = "/polyswarm"};

TEST(Request, IsWrittenByteForByte) {
    const Request request{.path = "/other", .headers = {{"A", "1"}, {"A", "\xc3\xa9"}}, .body = "xyz"};
    EXPECT_EQ(to_bytes(request, kTarget),
              "POST /other HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nA: 1\r\nA: \xc3\xa9\r\nContent-Length: "
              "3\r\n\r\nxyz");
    EXPECT_EQ(to_bytes({.method = "GET"}, kTarget),
              "GET /polyswarm HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n");
}

TEST(Request, IsSentInChunksThatEndWithAnEmptyOne) {
    const Request request{.body = "abcdefghijkl", .chunks = {1, 10}, .expects = true};
    EXPECT_EQ(
        to_bytes(request, kTarget),
        "POST /polyswarm HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nExpect: 100-continue\r\nTransfer-Encoding: "
        "chunked\r\n\r\n1\r\na\r\na\r\nbcdefghijk\r\n1\r\nl\r\n0\r\n\r\n");
    const Request more{.body = "a", .chunks = {1, 1}};
    EXPECT_TRUE(to_bytes(more, kTarget).ends_with("\r\n\r\n1\r\na\r\n0\r\n\r\n"))
        << "no empty chunk before the end";
}

TEST(Request, AWebhookIsSignedOverItsBody) {
    const bounty::Secret secret("qwertyuiop");
    const Request ping = webhook("ping", "", secret);
    const std::string bytes = to_bytes(ping, kTarget);
    EXPECT_NE(bytes.find("X-POLYSWARM-EVENT: ping\r\n"), std::string::npos);
    EXPECT_NE(
        bytes.find(
            "X-POLYSWARM-SIGNATURE: 069633ab8e053d4fd8a7480fa7489890f4fdb3fbaac3d69a3b20ab7193be984c\r\n"),
        std::string::npos);
    EXPECT_EQ(bytes.find("Content-Type"), std::string::npos) << "a ping comes without";
    EXPECT_NE(to_bytes(webhook("bounty", "{}", secret), kTarget).find("Content-Type: application/json\r\n"),
              std::string::npos);
}

TEST(Request, HeadersAreReplacedAndRemoved) {
    const Request request = with({.headers = {{"A", "1"}, {"B", "2"}}}, {{"A", "3"}, {"B", ""}, {"C", "4"}});
    ASSERT_EQ(request.headers.size(), 2U);
    EXPECT_EQ(request.headers[0].name + request.headers[0].value, "A3");
    EXPECT_EQ(request.headers[1].name + request.headers[1].value, "C4");
}

TEST(Request, SomethingElseMayStandAsTheSignature) {
    EXPECT_EQ(to_bytes(webhook("ping", "", std::nullopt), kTarget).find("SIGNATURE"), std::string::npos);
    EXPECT_NE(to_bytes(webhook("ping", "", std::optional<std::string>("")), kTarget).find("SIGNATURE: \r\n"),
              std::string::npos);
}

}   // namespace
}   // namespace microengine::ambassador
