// SPDX-License-Identifier: MIT
// Who may connect, and what each may do there.
#include "host/frontends/clamd/access.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace microengine::clamd {
namespace {

constexpr uid_t kStranger = 54'321;

net::Peer user(uid_t uid) {
    return {.unix_socket = true, .user = uid, .address = {}, .text = "uid " + std::to_string(uid)};
}

net::Peer address(const std::string& text) {
    net::Peer peer;
    EXPECT_EQ(::inet_pton(AF_INET6, (text.contains(':') ? text : "::ffff:" + text).c_str(), &peer.address),
              1);
    peer.text = text;
    return peer;
}

Access access_of(const core::ClamdSettings& settings, const net::Peer& peer) {
    const auto rules = AccessRules::make(settings);
    EXPECT_TRUE(rules.has_value());
    return rules->of(peer);
}

core::ClamdSettings with_roots() {
    core::ClamdSettings settings;
    settings.roots = {"/srv"};
    return settings;
}

TEST(Access, AUserOfTheSocketMayScanButNotRuleTheDaemon) {
    const Access access = access_of(with_roots(), user(kStranger));
    EXPECT_TRUE(access.connect);
    for (const Word word :
         {Word::ping, Word::version, Word::versioncommands, Word::idsession, Word::instream, Word::fildes,
          Word::scan, Word::contscan, Word::multiscan, Word::allmatchscan, Word::stats, Word::end})
        EXPECT_TRUE(access.may(word)) << to_text(word);
    for (const Word word : {Word::reload, Word::shutdown, Word::quit})
        EXPECT_FALSE(access.may(word)) << to_text(word);
}

TEST(Access, ReloadIsForRootOurselvesAndAdmins) {
    core::ClamdSettings settings = with_roots();
    settings.admin_users = {std::to_string(kStranger)};
    for (const uid_t uid : {uid_t{0}, ::geteuid(), kStranger}) {
        EXPECT_TRUE(access_of(settings, user(uid)).may(Word::reload)) << uid;
        EXPECT_FALSE(access_of(settings, user(uid)).may(Word::shutdown)) << uid << ": not switched on";
    }
    EXPECT_FALSE(access_of(settings, user(kStranger + 1)).may(Word::reload));
    settings.allow_shutdown = true;
    EXPECT_TRUE(access_of(settings, user(kStranger)).may(Word::shutdown));
    EXPECT_TRUE(access_of(settings, user(kStranger)).may(Word::quit));
    EXPECT_FALSE(access_of(settings, user(kStranger + 1)).may(Word::shutdown));
}

TEST(Access, NamedUsersAloneMayConnectAndAdminsAlways) {
    core::ClamdSettings settings = with_roots();
    settings.allow_users = {std::to_string(kStranger)};
    EXPECT_TRUE(access_of(settings, user(kStranger)).connect);
    EXPECT_TRUE(access_of(settings, user(0)).connect);
    EXPECT_FALSE(access_of(settings, user(kStranger + 1)).connect);
}

TEST(Access, OverTcpThisMachineUnlessNetworksAreNamed) {
    const core::ClamdSettings settings = with_roots();
    EXPECT_TRUE(access_of(settings, address("127.0.0.1")).connect);
    EXPECT_TRUE(access_of(settings, address("127.9.9.9")).connect);
    EXPECT_TRUE(access_of(settings, address("::1")).connect);
    EXPECT_FALSE(access_of(settings, address("192.0.2.1")).connect);
    EXPECT_FALSE(access_of(settings, address("2001:db8::1")).connect);
    core::ClamdSettings named = settings;
    named.allow_peers = {"192.0.2.0/25", "fd00::/8"};
    EXPECT_TRUE(access_of(named, address("192.0.2.127")).connect);
    EXPECT_FALSE(access_of(named, address("192.0.2.128")).connect);
    EXPECT_TRUE(access_of(named, address("fd12::1")).connect);
    EXPECT_FALSE(access_of(named, address("127.0.0.1")).connect) << "they are all there are";
}

TEST(Access, OverTcpNeitherDescriptorsNorStatsNorRuling) {
    core::ClamdSettings settings = with_roots();
    settings.allow_shutdown = true;
    const Access access = access_of(settings, address("127.0.0.1"));
    for (const Word word :
         {Word::ping, Word::version, Word::versioncommands, Word::idsession, Word::instream})
        EXPECT_TRUE(access.may(word)) << to_text(word);
    for (const Word word : {Word::fildes, Word::stats, Word::reload, Word::shutdown, Word::quit, Word::scan,
                            Word::contscan, Word::multiscan, Word::allmatchscan})
        EXPECT_FALSE(access.may(word)) << to_text(word);
    settings.paths_on_tcp = true;
    EXPECT_TRUE(access_of(settings, address("127.0.0.1")).may(Word::scan));
}

TEST(Access, PathsNeedRootsOrAnyAndAreNeverThereWhenOff) {
    const auto may_scan = [](core::PathCommands paths, bool roots, bool tcp) {
        core::ClamdSettings settings;
        settings.paths = paths;
        settings.paths_on_tcp = tcp;
        if (roots) settings.roots = {"/srv"};
        return access_of(settings, tcp ? address("127.0.0.1") : user(kStranger)).may(Word::scan);
    };
    for (const bool tcp : {false, true}) {
        EXPECT_TRUE(may_scan(core::PathCommands::roots, true, tcp));
        EXPECT_FALSE(may_scan(core::PathCommands::roots, false, tcp));
        EXPECT_TRUE(may_scan(core::PathCommands::any, false, tcp));
        EXPECT_FALSE(may_scan(core::PathCommands::off, true, tcp));
    }
}

TEST(Access, CommandsThatAreNotThereAreNotListed) {
    EXPECT_EQ(access_of(with_roots(), user(kStranger)).commands(),
              "SCAN PING CONTSCAN VERSIONCOMMANDS VERSION END MULTISCAN FILDES STATS IDSESSION INSTREAM "
              "ALLMATCHSCAN");
    EXPECT_EQ(access_of(with_roots(), address("::1")).commands(),
              "PING VERSIONCOMMANDS VERSION END IDSESSION INSTREAM");
    core::ClamdSettings all = with_roots();
    all.allow_shutdown = true;
    EXPECT_EQ(access_of(all, user(0)).commands(),
              "SCAN QUIT SHUTDOWN RELOAD PING CONTSCAN VERSIONCOMMANDS VERSION END MULTISCAN FILDES STATS "
              "IDSESSION INSTREAM ALLMATCHSCAN");
}

TEST(Access, AUserThatDoesNotExistIsAnError) {
    for (auto names : {&core::ClamdSettings::allow_users, &core::ClamdSettings::admin_users}) {
        core::ClamdSettings settings;
        (settings.*names) = {"no-such-user-here"};
        const auto rules = AccessRules::make(settings);
        ASSERT_FALSE(rules.has_value());
        EXPECT_TRUE(rules.error().text().contains("no-such-user-here")) << rules.error().text();
    }
}

}   // namespace
}   // namespace microengine::clamd
