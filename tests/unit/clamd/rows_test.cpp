// SPDX-License-Identifier: MIT
// What is no command, what a command is when it stands alone, and STATS: byte for byte.
#include "host/frontends/clamd/protocol.hpp"
#include "tests/unit/clamd/scripted_fixture.hpp"
#include "tests/unit/intake/temp_tree.hpp"

#include <regex>

namespace microengine::clamd {
namespace {

using core::Verdict;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

TEST_F(ScriptedTest, WhatIsNoCommandIsSaidToBeUnknown) {
    settings.roots = {here};
    start();
    for (const std::string& word : {"ping"s,
                                    "Ping"s,
                                    "PINGS"s,
                                    "PING "s,
                                    "PING x"s,
                                    " PING"s,
                                    "SCAN"s,
                                    "SCAN "s,
                                    "SCANx/srv"s,
                                    "CONTSCAN"s,
                                    "MULTISCAN "s,
                                    "ALLMATCHSCAN"s,
                                    "STREAM"s,
                                    "RAWSCAN /x"s,
                                    "SELFCHECK"s,
                                    "DETSTATS"s,
                                    "DETSTATSCLEAR"s,
                                    "END"s,
                                    ""s,
                                    "\r"s,
                                    "zPING"s,
                                    "nPING"s,
                                    "INSTREAM 5"s,
                                    "FILDES 3"s,
                                    "VERSION 1"s,
                                    "SHUTDOWN now"s,
                                    "GET / HTTP/1.1"s,
                                    "\x16\x03\x01\x02"s}) {
        EXPECT_EQ(ask("z" + word + "\0zPING\0"s), "UNKNOWN COMMAND\0"s) << word;
        EXPECT_EQ(ask("n" + word + "\nnPING\n"), "UNKNOWN COMMAND\n") << word;
        if (word == "zPING" || word == "nPING") continue;
        EXPECT_EQ(ask(word + "\nPING\n"), "UNKNOWN COMMAND\n") << word;
    }
    for (const std::string& new_only :
         {"VERSIONCOMMANDS"s, "END"s, "STATS"s, "IDSESSION"s, "INSTREAM"s, "ALLMATCHSCAN "s + here.native()})
        EXPECT_EQ(ask(new_only + "\n"), "UNKNOWN COMMAND\n") << new_only;
    EXPECT_EQ(service.taken(), 0U);
    EXPECT_THAT(operations.asked(), testing::IsEmpty());
}

TEST_F(ScriptedTest, OneCommandAndTheRestIsNotLookedAt) {
    start();
    EXPECT_EQ(ask("nPING\nnPING\nnRELOAD\n"), "PONG\n");
    EXPECT_EQ(ask("zPING\0zRELOAD\0"s), "PONG\0"s);
    EXPECT_EQ(ask("PING\nRELOAD\n"), "PONG\n");
    EXPECT_EQ(ask("nPING\n" + std::string(100'000, 'x')), "PONG\n");
    EXPECT_THAT(operations.asked(), testing::IsEmpty());
}

TEST_F(ScriptedTest, WhatNeverEndsIsClosedWithoutAWord) {
    start();
    for (const std::string& first : {"z"s, "n"s, ""s}) {
        EXPECT_EQ(ask(first + std::string(5000, 'x')), "") << first;
        EXPECT_EQ(ask(first + std::string(200'000, 'x')), "") << first;
        const Client session = connect();
        session.send("nIDSESSION\n" + first + std::string(5000, 'x'));
        EXPECT_EQ(session.rest(), "") << first;
    }
    const std::string longest = "zSCAN " + std::string(4097, 'x') + "\0"s;
    ASSERT_EQ(longest.size(), kLongestCommand);
    EXPECT_THAT(ask(longest), HasSubstr("Access denied. ERROR"));
    EXPECT_EQ(ask("zSCAN " + std::string(4098, 'x') + "\0"s), "");
}

TEST_F(ScriptedTest, AStreamInTheSmallestPieces) {
    settings.max_artifact_bytes = 5000;
    start();
    std::string sent = "zINSTREAM\0"s;
    std::string artifact;
    for (int i = 0; i < 5000; ++i) {
        artifact += static_cast<char>(i);
        sent += chunk(artifact.substr(artifact.size() - 1));
    }
    const Client client = connect();
    client.send(sent + chunk(""));
    const Client bytewise = connect_tcp();
    bytewise.send_bytewise(sent.substr(0, 10 + 5 * 300) + chunk(""));
    service.await(2);
    service.finish();
    EXPECT_THAT(client.rest(), HasSubstr("stream: "));
    EXPECT_THAT(bytewise.rest(), HasSubstr("stream: "));
    const bool first = service.seen(0).bytes.size() == artifact.size();
    EXPECT_EQ(service.seen(first ? 0 : 1).bytes, artifact);
    EXPECT_EQ(service.seen(first ? 1 : 0).bytes, artifact.substr(0, 300));
}

TEST_F(ScriptedTest, AStreamInOneChunkAndZeroLengthsBehindIt) {
    settings.max_artifact_bytes = 1'000'000;
    start();
    const std::string artifact(1'000'000, 'x');
    const Client client = connect();
    client.send(stream({artifact}) + chunk(""));   // as pyclamd does
    service.await(1);
    service.answer(0, report(Verdict::benign));
    EXPECT_EQ(client.rest(), "stream: OK\0"s);
    EXPECT_EQ(service.seen(0).bytes, artifact);
    EXPECT_EQ(ask("zINSTREAM\0"s + chunk(artifact) + chunk("x")), "INSTREAM size limit exceeded. ERROR\0"s);
    EXPECT_EQ(ask("nINSTREAM\n\x7f\xff\xff\xff"), "INSTREAM size limit exceeded. ERROR\n");
    EXPECT_EQ(service.taken(), 1U);
}

TEST_F(ScriptedTest, ThePathIsPrintedAsItWasSent) {
    write("file", "text");
    write("with blank", "text");
    write("line\nfeed", "text");
    settings.paths_on_tcp = true;
    start();
    const std::string root = here.native();
    EXPECT_EQ(ask("nSCAN  " + root + "\n"), " " + root + ": Access denied. ERROR\n") << "a blank is its own";
    EXPECT_EQ(ask("nSCAN relative\n"), "relative: Access denied. ERROR\n");
    EXPECT_EQ(ask("zSCAN " + root + "/no\nne\0"s),
              root + "/no\nne: File path check failure: No such file or directory. ERROR\0"s);
    std::size_t job = 0;
    for (const std::string& path : {root + "//file", root + "/./file", root + "/with blank"}) {
        for (const bool tcp : {false, true}) {
            const Client client = tcp ? connect_tcp() : connect();
            client.send("nSCAN " + path + "\n");
            service.await(job + 1);
            service.answer(job++, found("Bad"));
            EXPECT_EQ(client.rest(), path + ": acme.Bad FOUND\n");
        }
    }
    const Client client = connect();
    client.send("zSCAN " + root + "/line\nfeed\0"s);
    service.await(job + 1);
    service.answer(job, found("Bad"));
    EXPECT_EQ(client.rest(), root + "/line\nfeed: acme.Bad FOUND\0"s);
}

TEST_F(ScriptedTest, StatsTellWhatIsInWork) {
    service.set_load({.slots = 3, .running = 1, .waiting = 2});
    const std::string path = write("odd\x01name", "text");
    start();
    const Client busy = connect();
    busy.send("zSCAN " + path + "\0"s);
    service.await(1);
    const std::string stats = ask("zSTATS\0"s);
    std::string shown = path;
    shown[shown.find('\x01')] = '_';
    EXPECT_THAT(stats, HasSubstr("\nTHREADS: live 3  idle 2 max 3 idle-timeout 600\n"));
    EXPECT_TRUE(std::regex_search(
        stats,
        std::regex(R"(\nQUEUE: 2 items min_wait: \d+\.\d{6} max_wait: \d+\.\d{6} avg_wait: \d+\.\d{6}\n)")))
        << stats;
    EXPECT_TRUE(std::regex_search(stats, std::regex("\n\tSCAN \\d+\\.\\d{6} " + shown + "\n\nMEMSTATS: ")))
        << stats;
    EXPECT_TRUE(stats.ends_with("\nEND\0"s));
    const Client session = connect();
    session.send("nIDSESSION\nnSTATS\nnEND\n");
    EXPECT_TRUE(session.rest().starts_with("1: POOLS: 1\n\nSTATE: VALID PRIMARY\n"));
    service.finish();
    EXPECT_THAT(busy.rest(), HasSubstr("ERROR"));
    EXPECT_THAT(ask("nSTATS\n"), Not(HasSubstr("\tSCAN")));
}

TEST_F(ScriptedTest, StatsNameNothingWherePathsAreOff) {
    settings.paths = core::PathCommands::off;
    start();
    const Client busy = connect();
    busy.send(stream({"text"}));
    service.await(1);
    const std::string stats = ask("nSTATS\n");
    EXPECT_THAT(stats, HasSubstr("\n\tINSTREAM "));
    EXPECT_THAT(stats, Not(HasSubstr("stream")));
}

TEST_F(ScriptedTest, AUserIsWhoTheKernelSaysItIs) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can be another user";
    settings.admin_users = {"1"};
    start();
    std::filesystem::permissions(here, std::filesystem::perms(0755));
    std::filesystem::permissions(settings.listen.front(), std::filesystem::perms(0666));
    EXPECT_EQ(ask("nRELOAD\n"), "RELOADING\n");
    {
        const support::AsNobody nobody;
        EXPECT_EQ(ask("nPING\n"), "PONG\n");
        EXPECT_EQ(ask("nRELOAD\n"), "COMMAND UNAVAILABLE\n");
    }
    EXPECT_THAT(operations.asked(), testing::ElementsAre("reload by clamd uid 0"));
}

TEST_F(ScriptedTest, AUserWhoIsNotAllowedIsClosed) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can be another user";
    settings.allow_users = {"1"};
    start();
    std::filesystem::permissions(here, std::filesystem::perms(0755));
    std::filesystem::permissions(settings.listen.front(), std::filesystem::perms(0666));
    const support::AsNobody nobody;
    const Client client = connect();
    std::array<char, 10> text{};
    EXPECT_LE(::recv(client.fd(), text.data(), text.size(), 0), 0);
}

TEST_F(ScriptedTest, ATimeOutIsAlwaysALineAndNeverNumbered) {
    settings.read_timeout = std::chrono::milliseconds(1);
    start();
    const Client session = connect();
    session.send("zIDSESSION\0"s);
    EXPECT_EQ(session.rest(), "COMMAND READ TIMED OUT\n");
    const Client streams = connect();
    streams.send("zIDSESSION\0zINSTREAM\0"s);
    EXPECT_EQ(streams.rest(), "COMMAND READ TIMED OUT\n");
}

}   // namespace
}   // namespace microengine::clamd
