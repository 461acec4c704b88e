// SPDX-License-Identifier: MIT
#include "host/fetch/address_guard.hpp"

#include <gmock/gmock.h>

#include <string>
#include <string_view>
#include <vector>

namespace {

using microengine::fetch::AddressGuard;
using microengine::fetch::is_public;
using microengine::util::IpAddress;

IpAddress ip(std::string_view text) {
    const auto network = microengine::util::parse_network(text);
    EXPECT_TRUE(network.has_value()) << text;
    return network ? network->address : IpAddress{};
}

AddressGuard guard_of(std::vector<std::string> allow_hosts) {
    auto guard = AddressGuard::make(allow_hosts);
    EXPECT_TRUE(guard.has_value()) << guard.error().text();
    return guard ? *std::move(guard) : AddressGuard();
}

struct Case {
    std::string_view address;
    bool open;
};

TEST(AddressGuard, OnlyPublicAddressesAreOpen) {
    constexpr Case cases[] = {
        {"127.0.0.1", false},
        {"127.255.255.254", false},
        {"0.0.0.0", false},
        {"0.1.2.3", false},
        {"10.0.0.1", false},
        {"100.64.0.1", false},
        {"100.100.100.200", false},
        {"168.63.129.16", false},
        {"169.254.169.254", false},
        {"172.16.0.1", false},
        {"172.31.255.255", false},
        {"192.0.0.1", false},
        {"192.88.99.1", false},
        {"192.168.1.1", false},
        {"192.0.2.1", false},
        {"198.18.0.1", false},
        {"198.19.255.255", false},
        {"198.51.100.7", false},
        {"203.0.113.9", false},
        {"224.0.0.1", false},
        {"239.255.255.255", false},
        {"240.0.0.1", false},
        {"255.255.255.255", false},
        {"::", false},
        {"::1", false},
        {"::7f00:1", false},
        {"::ffff:10.0.0.1", false},
        {"::ffff:127.0.0.1", false},
        {"::ffff:0:10.0.0.1", false},
        {"64:ff9b::a00:1", false},
        {"64:ff9b::7f00:1", false},
        {"64:ff9b:1::808:808", false},
        {"100::1", false},
        {"2002:a00:1::", false},
        {"fc00::1", false},
        {"fd00:ec2::254", false},
        {"fd12:3456::1", false},
        {"fe80::1", false},
        {"fec0::1", false},
        {"ff02::1", false},
        {"4000::1", false},
        {"5f00::1", false},
        {"2001:db8::1", false},
        {"2001:0:a00:1::", false},
        {"2001:2::1", false},
        {"2001:10::1", false},
        {"2001:1ff::1", false},
        {"3fff:fff::1", false},
        {"1.1.1.1", true},
        {"8.8.8.8", true},
        {"93.184.216.34", true},
        {"9.255.255.255", true},
        {"11.0.0.0", true},
        {"126.255.255.255", true},
        {"128.0.0.0", true},
        {"168.63.129.17", true},
        {"169.253.255.255", true},
        {"172.15.255.255", true},
        {"172.32.0.1", true},
        {"100.63.255.255", true},
        {"100.128.0.1", true},
        {"198.17.255.255", true},
        {"198.20.0.0", true},
        {"223.255.255.255", true},
        {"64:ff9b::808:808", true},
        {"2606:4700:4700::1111", true},
        {"2a00:1450:4001:80b::200e", true},
        {"2001:200::1", true},
        {"2001:db7::1", true},
        {"2003::1", true},
        {"3ffe::1", true},
        {"::ffff:8.8.8.8", true},
    };
    for (const Case& each : cases) {
        EXPECT_EQ(is_public(ip(each.address)), each.open) << each.address;
        EXPECT_EQ(AddressGuard().allows(ip(each.address), 80, "store.example"), each.open) << each.address;
    }
}

TEST(AddressGuard, ANameAllowsWhateverItResolvesTo) {
    const AddressGuard guard = guard_of({"Store.Example"});
    EXPECT_TRUE(guard.allows(ip("10.0.0.1"), 80, "store.example"));
    EXPECT_TRUE(guard.allows(ip("::1"), 9000, "STORE.example."));
    EXPECT_FALSE(guard.allows(ip("10.0.0.1"), 80, "other.store.example"));
    EXPECT_FALSE(guard.allows(ip("10.0.0.1"), 80, "store.example.evil.example"));
    EXPECT_FALSE(guard.allows(ip("10.0.0.1"), 80, ""));
}

TEST(AddressGuard, AnAddressIsAllowedUnderAnyName) {
    const AddressGuard guard = guard_of({"127.0.0.1", "[::1]"});
    EXPECT_TRUE(guard.allows(ip("127.0.0.1"), 9000, "127.0.0.1"));
    EXPECT_TRUE(guard.allows(ip("127.0.0.1"), 9000, "localhost"));
    EXPECT_TRUE(guard.allows(ip("::ffff:127.0.0.1"), 9000, "::ffff:7f00:1"));
    EXPECT_TRUE(guard.allows(ip("::1"), 9000, "::1"));
    EXPECT_FALSE(guard.allows(ip("127.0.0.2"), 9000, "127.0.0.1"));
}

TEST(AddressGuard, APortNarrowsWhatIsAllowed) {
    const AddressGuard guard = guard_of({"127.0.0.1:9000", "store.example:9001", "[fd00::1]:9002"});
    EXPECT_TRUE(guard.allows(ip("127.0.0.1"), 9000, "x"));
    EXPECT_FALSE(guard.allows(ip("127.0.0.1"), 9001, "x"));
    EXPECT_TRUE(guard.allows(ip("10.0.0.1"), 9001, "store.example"));
    EXPECT_FALSE(guard.allows(ip("10.0.0.1"), 80, "store.example"));
    EXPECT_TRUE(guard.allows(ip("fd00::1"), 9002, "x"));
    EXPECT_FALSE(guard.allows(ip("fd00::1"), 9000, "x"));
}

TEST(AddressGuard, ANetworkAllowsItsAddresses) {
    const AddressGuard guard = guard_of({"10.1.0.0/16", "fd00::/8"});
    EXPECT_TRUE(guard.allows(ip("10.1.255.255"), 80, "x"));
    EXPECT_FALSE(guard.allows(ip("10.2.0.0"), 80, "x"));
    EXPECT_TRUE(guard.allows(ip("fd12::1"), 80, "x"));
    EXPECT_FALSE(guard.allows(ip("fc00::1"), 80, "x"));
}

TEST(AddressGuard, AllOfIpv6IsNothingOfIpv4) {
    const AddressGuard guard = guard_of({"::/0"});
    EXPECT_TRUE(guard.allows(ip("::1"), 80, "x"));
    EXPECT_FALSE(guard.allows(ip("127.0.0.1"), 80, "x"));
    EXPECT_TRUE(guard_of({"0.0.0.0/0"}).allows(ip("127.0.0.1"), 80, "x"));
    EXPECT_FALSE(guard_of({"0.0.0.0/0"}).allows(ip("::1"), 80, "x"));
}

TEST(AddressGuard, AnIpv4AddressIsNotAllowedThroughANat64) {
    EXPECT_FALSE(guard_of({"10.0.0.1"}).allows(ip("64:ff9b::a00:1"), 80, "x"));
    EXPECT_TRUE(guard_of({"64:ff9b::/96"}).allows(ip("64:ff9b::a00:1"), 80, "x"));
}

TEST(AddressGuard, AnEntryThatIsNeitherIsQuoted) {
    for (const std::string entry : {"",
                                    ".",
                                    "http://store.example",
                                    "store.example/path",
                                    "store.example:",
                                    "store.example:0",
                                    "store.example:65536",
                                    "store.example:+80",
                                    "*.example",
                                    "user@store.example",
                                    "a..b",
                                    "10.1",
                                    "127.1",
                                    "0x7f.1",
                                    "2130706433",
                                    "10.0.0.256",
                                    "10.0.0.0/33",
                                    "10.0.0.0/8:80",
                                    "[10.0.0.1]:80",
                                    "[::1",
                                    "[::1]80",
                                    "[fd00::]/8",
                                    "::1:",
                                    "b\xC3\xBC"
                                    "cher.example",
                                    "store .example"}) {
        const std::vector<std::string> allow_hosts{"store.example", entry};
        const auto guard = AddressGuard::make(allow_hosts);
        ASSERT_FALSE(guard.has_value()) << entry;
        EXPECT_EQ(guard.error().code, microengine::util::Errc::config);
        EXPECT_THAT(guard.error().message,
                    testing::StartsWith("'" + entry + "' is no host, address or network"));
    }
}

}   // namespace
