// SPDX-License-Identifier: MIT
#include "host/frontends/ambassador/target.hpp"

#include <gtest/gtest.h>

namespace microengine::ambassador {
namespace {

TEST(Target, IsHostPortAndPath) {
    const auto whole = parse_target("http://127.0.0.1:8080/polyswarm?a=b");
    ASSERT_TRUE(whole.has_value());
    EXPECT_EQ(whole->host, "127.0.0.1");
    EXPECT_EQ(whole->port, "8080");
    EXPECT_EQ(whole->path, "/polyswarm?a=b");
    EXPECT_EQ(whole->authority(), "127.0.0.1:8080");
    EXPECT_EQ(whole->text(), "http://127.0.0.1:8080/polyswarm?a=b");
}

TEST(Target, WhatIsLeftOutHasADefault) {
    const auto bare = parse_target("http://engine.example");
    ASSERT_TRUE(bare.has_value());
    EXPECT_EQ(bare->text(), "http://engine.example/");
    EXPECT_EQ(parse_target("http://engine.example?q")->path, "/?q");
    EXPECT_EQ(parse_target("http://engine.example/a#b")->path, "/a");
}

TEST(Target, AnIpv6AddressStandsInBrackets) {
    const auto six = parse_target("http://[::1]:9000/x");
    ASSERT_TRUE(six.has_value());
    EXPECT_EQ(six->host, "::1");
    EXPECT_EQ(six->authority(), "[::1]:9000");
}

TEST(Target, WhatIsNoneIsToldAsSuch) {
    for (const char* url :
         {"", "127.0.0.1:8080", "ftp://x/", "http://", "http:///x", "http://x:0/", "http://x:99999/",
          "http://x:8080 /", "http://x/\r\nA: b", "http://u:p@x/", "http://[::1/", "http://[::1]x/"}) {
        const auto target = parse_target(url);
        ASSERT_FALSE(target.has_value()) << url;
        EXPECT_EQ(target.error().place, "--target") << url;
    }
    EXPECT_NE(parse_target("https://x/").error().message.find("behind the proxy"), std::string::npos);
}

}   // namespace
}   // namespace microengine::ambassador
