// SPDX-License-Identifier: MIT
// POST /v1/scan on real sockets.
#include "http_support.hpp"

namespace microengine::http {
namespace {

using namespace std::chrono_literals;

TEST(HttpScan, ARawBody_IsOneArtifact_OverUnixSocketAndTcp) {
    const Running running;
    for (const bool tcp : {false, true}) {
        Client client = tcp ? running.tcp_client() : running.unix_client();
        const Reply reply = client.send(request("POST", "/v1/scan?name=a%20b.bin", "evil")).reply();
        EXPECT_EQ(reply.status, 200);
        EXPECT_EQ(reply.field("content-type"), "application/json");
        EXPECT_EQ(reply.json()["schema"], "microengine.report/1");
        EXPECT_EQ(reply.json()["verdict"], "malicious");
        EXPECT_EQ(reply.json()["artifact"]["name"], "a b.bin");
    }
}

}   // namespace
}   // namespace microengine::http
