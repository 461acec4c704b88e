// SPDX-License-Identifier: MIT
// How many connections one peer may have.
#include "host/net/shares.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <string>

namespace microengine::net {
namespace {

Peer user(uid_t uid) {
    return {.unix_socket = true, .user = uid, .address = {}, .text = "uid " + std::to_string(uid)};
}

Peer address(const std::string& text) {
    Peer peer;
    EXPECT_EQ(::inet_pton(AF_INET6, ("::ffff:" + text).c_str(), &peer.address), 1);
    peer.text = text;
    return peer;
}

TEST(Shares, AStrangerHasAQuarterAndThisMachineAsManyAsThereAre) {
    Shares shares(8);
    const Peer one = address("192.0.2.1");
    const Peer other = address("192.0.2.2");
    EXPECT_TRUE(shares.enter(one));
    EXPECT_TRUE(shares.enter(one));
    EXPECT_FALSE(shares.enter(one));
    EXPECT_TRUE(shares.enter(other)) << "another's share is its own";
    shares.leave(one.text);
    EXPECT_TRUE(shares.enter(one));
    EXPECT_FALSE(shares.enter(one));
    for (int i = 0; i < 20; ++i) {
        EXPECT_TRUE(shares.enter(address("127.0.0.1")));
        EXPECT_TRUE(shares.enter(user(33)));
    }
}

TEST(Shares, OneAtLeast) {
    Shares shares(1);
    const Peer one = address("192.0.2.1");
    EXPECT_TRUE(shares.enter(one));
    EXPECT_FALSE(shares.enter(one));
    shares.leave(one.text);
    shares.leave("never here");
    EXPECT_TRUE(shares.enter(one));
}

}   // namespace
}   // namespace microengine::net
