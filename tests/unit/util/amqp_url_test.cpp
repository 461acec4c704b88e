// SPDX-License-Identifier: MIT
#include "host/util/amqp_url.hpp"

#include <gmock/gmock.h>

namespace microengine::util {
namespace {

std::string text_of(std::string_view url) {
    const auto address = parse_amqp_url(url);
    return address ? address->text() : "refused";
}

TEST(AmqpUrlTest, HostPortAndVirtualHostHaveDefaults) {
    EXPECT_EQ(text_of("amqp://broker.lan"), "amqp://broker.lan:5672");
    EXPECT_EQ(text_of("amqps://broker.lan/"), "amqps://broker.lan:5671");
    EXPECT_EQ(text_of("amqp://10.0.0.1:99/mine"), "amqp://10.0.0.1:99/mine");
    EXPECT_EQ(text_of("amqps://[::1]:99/a"), "amqps://[::1]:99/a");
    EXPECT_EQ(parse_amqp_url("amqp://h/a%2Fb")->vhost, "a/b");
}

TEST(AmqpUrlTest, WhatIsNoneIsRefused) {
    for (const char* url : {"", "broker", "http://broker", "amqp://", "amqp:///v", "amqp://h:0",
                            "amqp://h:65536", "amqp://h:x", "amqp://a b", "amqp://h/a/b", "amqp://h/%",
                            "amqp://h/%00", "amqp://h?x=1", "amqp://::1", "amqp://[::1"})
        EXPECT_EQ(text_of(url), "refused") << url;
}

TEST(AmqpUrlTest, APasswordInItIsRefusedAndNotRepeated) {
    const auto address = parse_amqp_url("amqp://me:secret@broker");
    ASSERT_FALSE(address);
    EXPECT_THAT(address.error().text(), testing::HasSubstr("credentials_file"));
    EXPECT_THAT(address.error().text(), testing::Not(testing::HasSubstr("secret@")));
}

}   // namespace
}   // namespace microengine::util
