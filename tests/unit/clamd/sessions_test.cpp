// SPDX-License-Identifier: MIT
// Sessions: numbers, order, what is allowed, how many at once; and replies byte for byte where they end one.
#include "tests/unit/clamd/scripted_fixture.hpp"

#include <fcntl.h>

#include <regex>

namespace microengine::clamd {
namespace {

using core::Verdict;
using testing::EndsWith;
using testing::HasSubstr;

struct Row {
    std::string sent, answer;
};

TEST_F(ScriptedTest, WhatASessionRefusesEndsIt) {
    start();
    const std::string invalid = "1: Command invalid inside IDSESSION. ERROR";
    const std::string old = "1: Only nCMDS\\n and zCMDS\\0 are accepted inside IDSESSION. ERROR\n";
    std::vector<Row> rows{
        {"PING\n", old}, {"PING", old}, {"SCAN /srv\n", old}, {"\n", old}, {"\0\0\0\0"s, old},
    };
    for (const std::string& word :
         {"IDSESSION"s, "RELOAD"s, "SHUTDOWN"s, "QUIT"s, "CONTSCAN /srv"s, "MULTISCAN /srv"s,
          "ALLMATCHSCAN /srv"s, "NONSENSE"s, ""s, "PING x"s, "SCAN"s, "STREAM"s}) {
        rows.push_back({"z" + word + "\0"s, invalid + "\0"s});
        rows.push_back({"n" + word + "\n", invalid + "\n"});
    }
    for (const Row& row : rows) {
        const Client client = connect();
        client.send("zIDSESSION\0"s + row.sent);
        // It stays open on this side: the end is the server's.
        EXPECT_EQ(client.rest(), row.answer) << row.sent;
        EXPECT_EQ(ask("nIDSESSION\n" + row.sent + "nPING\n"), row.answer)
            << row.sent << ": nothing behind it is obeyed";
    }
    EXPECT_THAT(operations.asked(), testing::IsEmpty());
}

TEST_F(ScriptedTest, EachReplyEndsAsItsCommandDid) {
    start();
    const Client client = connect();
    client.send("nIDSESSION\nzPING\0nPING\r\nzVERSION\0nVERSIONCOMMANDS\nzSTATS\0nEND\n"s);
    EXPECT_TRUE(std::regex_match(client.rest(), std::regex("1: PONG\\x00"
                                                           "2: PONG\n"
                                                           "3: ClamAV [^\\x00\n]*\\x00"
                                                           "4: ClamAV [^\\x00\n]*\\| COMMANDS: [A-Z ]*\n"
                                                           "5: POOLS: 1\n\n[^\\x00]*\nEND\\x00")));
}

TEST_F(ScriptedTest, RepliesComeAsTheyAreReadyAndBearTheirNumbers) {
    start();
    const Client client = connect();
    client.send("zIDSESSION\0"s + stream({"one"}) + stream({"two"}, 'n') + "zPING\0"s + stream({"four"}));
    service.await(3);
    std::string got = client.take(8);
    EXPECT_EQ(got, "3: PONG\0"s);
    service.answer(2, found("Bad"));
    EXPECT_EQ(client.take(26), "4: stream: acme.Bad FOUND\0"s);
    service.answer(0, report(Verdict::benign));
    EXPECT_EQ(client.take(14), "1: stream: OK\0"s);
    client.send("zEND\0"s);
    settle();
    service.answer(1, report(Verdict::unknown));
    EXPECT_EQ(client.rest(), "2: stream: Not enough backends answered ERROR\n")
        << "END waits for what is pending, and says nothing itself";
    EXPECT_EQ(service.seen(0).bytes, "one");
    EXPECT_EQ(service.seen(1).bytes, "two");
    EXPECT_EQ(service.seen(2).bytes, "four");
}

TEST_F(ScriptedTest, SoManyAreInWorkAndNoMore) {
    settings.session_pending = 2;
    start();
    const Client client = connect();
    client.send("zIDSESSION\0"s + stream({"1"}) + stream({"2"}) + stream({"3"}) + "zEND\0"s);
    service.await(2);
    settle();
    EXPECT_EQ(service.taken(), 2U);
    service.answer(1, report(Verdict::benign));
    service.await(3);
    service.answer(0, report(Verdict::benign));
    service.answer(2, report(Verdict::benign));
    EXPECT_EQ(client.rest(),
              "2: stream: OK\0"
              "1: stream: OK\0"
              "3: stream: OK\0"s);
}

TEST_F(ScriptedTest, AStreamThatIsTooLargeEndsTheSessionAfterWhatIsPending) {
    settings.max_artifact_bytes = 4;
    start();
    const Client client = connect();
    client.send("zIDSESSION\0"s + stream({"four"}) + stream({"five5"}) + "zPING\0"s);
    EXPECT_EQ(client.take(39), "2: INSTREAM size limit exceeded. ERROR\0"s);
    service.answer(0, report(Verdict::benign));
    client.half_close();
    EXPECT_EQ(client.rest(), "1: stream: OK\0"s);
    EXPECT_EQ(service.taken(), 1U);
}

TEST_F(ScriptedTest, ACommandThatIsSwitchedOffEndsTheConnection) {
    start();
    for (const std::string word : {"RELOAD", "SHUTDOWN", "QUIT", "STATS"}) {
        EXPECT_EQ(ask_tcp("z" + word + "\0"s), "COMMAND UNAVAILABLE\0"s) << word;
        EXPECT_EQ(ask_tcp("n" + word + "\nnPING\n"), "COMMAND UNAVAILABLE\n") << word;
    }
    EXPECT_EQ(ask_tcp("RELOAD"), "COMMAND UNAVAILABLE\n");
    const Client session = connect_tcp();
    session.send("nIDSESSION\nnSTATS\nnPING\n");
    EXPECT_EQ(session.rest(), "1: COMMAND UNAVAILABLE\n");
    EXPECT_THAT(operations.asked(), testing::IsEmpty());
}

TEST_F(ScriptedTest, APathInASessionThatIsDeniedDoesNotEndIt) {
    settings.paths = core::PathCommands::off;
    start();
    EXPECT_EQ(ask("nIDSESSION\nnSCAN /srv/x\nnPING\nnEND\n"),
              "1: /srv/x: Access denied. ERROR\n"
              "2: PONG\n");
}

TEST_F(ScriptedTest, ScansByPathInASession) {
    const std::string one = write("one", "1");
    const std::string two = write("two", "2");
    start();
    const Client client = connect();
    client.send("zIDSESSION\0zSCAN "s + one + "\0zSCAN "s + two + "\0zEND\0"s);
    service.await(2);
    service.answer(1, found("Bad"));
    service.answer(0, report(Verdict::benign));
    EXPECT_EQ(client.rest(), "2: " + two + ": acme.Bad FOUND\0"s + "1: " + one + ": OK\0"s);
}

TEST_F(ScriptedTest, OverTcpThereIsNoDescriptorToReceive) {
    start();
    EXPECT_EQ(ask_tcp("nFILDES\n\0"s), "No file descriptor received. ERROR\n");
    EXPECT_EQ(ask_tcp("zIDSESSION\0zFILDES\0\0zPING\0zEND\0"s),
              "1: No file descriptor received. ERROR\0"
              "2: PONG\0"s);
}

TEST_F(ScriptedTest, ADescriptorWithoutFildesEndsTheConnection) {
    const util::UniqueFd file(::open(write("file", "text").c_str(), O_RDONLY | O_CLOEXEC));
    start();
    const std::string refused = "PROTOCOL ERROR: ancillary data sent without FILDES. ERROR";
    const auto with = [&](const std::string& before, const std::string& bytes, std::vector<int> descriptors) {
        const Client client = connect();
        if (!before.empty()) client.send(before);
        client.send_with(bytes, descriptors);
        return client.rest();
    };
    EXPECT_EQ(with("", "nPING\n", {file.get()}), refused + "\n");
    EXPECT_EQ(with("", "zPING\0"s, {file.get()}), refused + "\0"s);
    EXPECT_EQ(with("", "nFILDES\n\0"s, {file.get(), file.get()}), refused + "\n");
    EXPECT_EQ(with("zIDSESSION\0"s, "zPING\0"s, {file.get()}), refused + "\0"s);
    const Client session = connect();
    session.send("zIDSESSION\0zPING\0"s);
    EXPECT_EQ(session.take(8), "1: PONG\0"s);
    session.send_with("n", {file.get(), file.get(), file.get()});
    EXPECT_EQ(session.rest(), refused + "\n") << "as the command that they came with would have ended";
    EXPECT_EQ(service.taken(), 0U);
}

TEST_F(ScriptedTest, DescriptorsWaitForTheirCommandsInTheirOrder) {
    const util::UniqueFd one(::open(write("one", "1").c_str(), O_RDONLY | O_CLOEXEC));
    const util::UniqueFd two(::open(write("two", "2").c_str(), O_RDONLY | O_CLOEXEC));
    start();
    const Client client = connect();
    client.send("zIDSESSION\0"s + stream({"0"}));
    client.send_with("zFIL", {one.get()});   // with the command, however it is cut
    client.send("DES\0\0"s);
    client.send_with("nFILDES\n\0zEND\0"s, {two.get()});
    service.await(3);
    service.finish();
    EXPECT_EQ(service.seen(0).bytes, "0");
    EXPECT_EQ(service.seen(1).bytes, "1");
    EXPECT_EQ(service.seen(2).bytes, "2");
    const std::string answers = client.rest();
    EXPECT_TRUE(std::regex_search(answers, std::regex(R"(2: fd\[\d+\]: Not enough)"))) << answers;
    EXPECT_TRUE(std::regex_search(answers, std::regex(R"(3: fd\[\d+\]: Not enough)"))) << answers;
}

}   // namespace
}   // namespace microengine::clamd
