// SPDX-License-Identifier: MIT
// What clients send and what they get, byte for byte.
#include "tests/unit/clamd/clamd_fixture.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <regex>

namespace microengine::clamd {
namespace {

using testing::AnyOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

struct Transcript {
    std::string sent, answer;
};

TEST_F(ClamdTest, TheSameAnswersInOnePacketInSingleBytesAndWithAHalfClose) {
    start();
    const std::vector<Transcript> transcripts{
        {"zPING\0"s, "PONG\0"s},
        {"nPING\n", "PONG\n"},
        {"nPING\r\n", "PONG\n"},
        {"zPINGS\0"s, "UNKNOWN COMMAND\0"s},
        {"nEND\n", "UNKNOWN COMMAND\n"},
        {"zRELOAD\0"s, "RELOADING\0"s},
        {"nRELOAD\n", "RELOADING\n"},
        {stream({"fine"}), "stream: OK\0"s},
        {stream({"fine"}, 'n'), "stream: OK\n"},
        {stream({}), "stream: OK\0"s},
        {stream({"mali", "cious"}), "stream: a.Bad_Thing___1_ FOUND\0"s},
        {stream({"suspicious"}), "stream: Suspicious.a.Bad_Thing___1_ FOUND\0"s},
        {stream({"unknown"}), "stream: Backend failed ERROR\0"s},
        {"zIDSESSION\0zPING\0nPING\nzEND\0"s,
         "1: PONG\0"s
         "2: PONG\n"},
        {"nIDSESSION\nnIDSESSION\n", "1: Command invalid inside IDSESSION. ERROR\n"},
        {"nIDSESSION\nnCONTSCAN /\n", "1: Command invalid inside IDSESSION. ERROR\n"},
        {"zIDSESSION\0zNONSENSE\0"s, "1: Command invalid inside IDSESSION. ERROR\0"s},
    };
    for (const Transcript& one : transcripts) {
        EXPECT_EQ(ask(one.sent), one.answer) << one.sent;
        const Client bytewise = connect();
        bytewise.send_bytewise(one.sent);
        if (!one.sent.contains("IDSESSION") || one.sent.contains("END")) {
            EXPECT_EQ(bytewise.rest(), one.answer) << one.sent;
        } else {
            EXPECT_EQ(bytewise.take(one.answer.size()), one.answer) << one.sent;
        }
    }
}

TEST_F(ClamdTest, OldStyleCommandsEndWithTheirPacket) {
    start();
    for (const std::string& sent : {"PING"s, "PING\n"s, "PING\r\n"s, "PING\0"s}) {
        const Client client = connect();
        client.send(sent);
        EXPECT_EQ(client.rest(), "PONG\n") << sent;
    }
    EXPECT_EQ(ask("STATS\n"), "UNKNOWN COMMAND\n");
    EXPECT_EQ(ask("GET / HTTP/1.1\r\nHost: x\r\n\r\nzSHUTDOWN\0"s), "UNKNOWN COMMAND\n");
    EXPECT_THAT(operations.asked(), ElementsAre()) << "nothing behind an unknown line is a command";
    EXPECT_EQ(ask("\0\0\0\0"s), "stream: OK\0"s)
        << "an upload of nothing, by a client that forgot the command";
}

TEST_F(ClamdTest, AVersionThatClientsCanRead) {
    start();
    const std::string version = ask("zVERSION\0"s);
    EXPECT_TRUE(std::regex_match(version.c_str(), std::regex(R"(ClamAV \d+\.\d+\.\d+(/\d+/.+)?)")))
        << version;
    EXPECT_THAT(ask("nVERSIONCOMMANDS\n"), HasSubstr("| COMMANDS: SCAN "));
}

TEST_F(ClamdTest, StatsHaveTheLinesThatParsersLookFor) {
    start();
    EXPECT_TRUE(std::regex_match(
        ask("nSTATS\n"),
        std::regex(
            "POOLS: 1\n\nSTATE: VALID PRIMARY\nTHREADS: live \\d+  idle \\d+ max \\d+ idle-timeout \\d+\n"
            "QUEUE: 0 items\n(\t.*\n)*\nMEMSTATS: heap N/A mmap N/A used N/A free N/A releasable N/A pools "
            "\\d+ "
            "pools_used [\\d.]+M pools_total [\\d.]+M\nEND\n")))
        << ask("nSTATS\n");
}

TEST_F(ClamdTest, ASessionAnswersByNumberInAnyOrder) {
    start();
    const Client client = connect();
    client.send("zIDSESSION\0"s + stream({"hold malicious"}) + "zPING\0"s);
    gate.until_waiting(1);
    EXPECT_EQ(client.take(8), "2: PONG\0"s) << "it does not wait for the scan";
    gate.open();
    client.send("zEND\0"s);
    EXPECT_EQ(client.rest(), "1: stream: a.Bad_Thing___1_ FOUND\0"s);
}

TEST_F(ClamdTest, ASessionOfTenThousandCommands) {
    start();
    const Client client = connect();
    client.send("nIDSESSION\n");
    for (int i = 1; i <= 10'000; ++i) {
        client.send("nPING\n");
        const std::string wanted = std::to_string(i) + ": PONG\n";
        ASSERT_EQ(client.take(wanted.size()), wanted);
    }
}

TEST_F(ClamdTest, AHalfCloseInASessionLosesNoAnswer) {
    start();
    const Client client = connect();
    std::string sent = "zIDSESSION\0"s;
    for (int i = 0; i < 20; ++i) sent += stream({"malicious " + std::to_string(i)});
    client.send(sent);
    client.half_close();
    const std::string answers = client.rest();
    for (int i = 1; i <= 20; ++i) EXPECT_THAT(answers, HasSubstr(std::to_string(i) + ": stream: a.Bad"));
}

TEST_F(ClamdTest, AStreamThatIsTooLargeIsToldSoAndTheClientCanReadIt) {
    settings.max_artifact_bytes = 1000;
    settings.oversize_linger = std::chrono::minutes(1);
    start();
    EXPECT_EQ(ask(stream({std::string(1000, 'x')})), "stream: OK\0"s);
    const Client client = connect();
    // It goes on sending without looking, as clients do.
    client.send("zINSTREAM\0"s + chunk(std::string(900, 'x')) + chunk(std::string(101, 'x')));
    client.send(std::string(200'000, 'x'));
    client.half_close();
    EXPECT_EQ(client.rest(), "INSTREAM size limit exceeded. ERROR\0"s);
}

TEST_F(ClamdTest, WhatIsNotJudgedIsALimitForClientsThatDropAnError) {
    settings.unknown_as = core::UnknownAs::limits;
    settings.max_artifact_bytes = 1000;
    room = std::make_shared<intake::SpoolRoom>(500, "");
    start();
    EXPECT_EQ(ask(stream({"unknown"})), "stream: Heuristics.Limits.Exceeded.BackendFailed FOUND\0"s);
    EXPECT_EQ(ask(stream({std::string(1001, 'x')})),
              "stream: Heuristics.Limits.Exceeded.ArtifactTooLarge FOUND\0"s);
    EXPECT_EQ(ask(stream({std::string(900, 'x')})),
              "stream: Heuristics.Limits.Exceeded.CantCreateTemporaryFile FOUND\0"s);
    service->cancel();
    EXPECT_EQ(ask(stream({"fine"})), "stream: Heuristics.Limits.Exceeded.ShuttingDown FOUND\0"s);
}

TEST_F(ClamdTest, AStreamThatEndsBeforeItsEndIsNotScanned) {
    start();
    EXPECT_EQ(ask("zINSTREAM\0"s + chunk("malicious")), "");
    EXPECT_EQ(ask("zINSTREAM\0"s + chunk("mali").substr(0, 6)), "");
    EXPECT_EQ(room->used(), 0U);
}

TEST_F(ClamdTest, WhereThereIsNoRoomTheStreamIsReadAndRefused) {
    room = std::make_shared<intake::SpoolRoom>(100, "");
    start();
    EXPECT_EQ(ask(stream({std::string(90, 'x'), std::string(90, 'x')})),
              "stream: Can't create temporary file ERROR\0"s);
    EXPECT_EQ(room->used(), 0U);
    EXPECT_EQ(ask(stream({std::string(90, 'x')})), "stream: OK\0"s) << "and the next one fits";
}

TEST_F(ClamdTest, ADescriptorComesWithItsByteBesideOrAfterTheCommand) {
    start();
    const std::string path = write("bad", "malicious");
    const util::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    const std::regex found(R"(fd\[\d+\]: a\.Bad_Thing___1_ FOUND\n)");
    const Client beside = connect();
    beside.send_with("nFILDES\n\0"s, {file.get()});
    EXPECT_TRUE(std::regex_match(beside.rest(), found));
    const Client after = connect();
    after.send("nFILDES\n");
    after.send_with("\0"s, {file.get()});
    EXPECT_TRUE(std::regex_match(after.rest(), found));
}

TEST_F(ClamdTest, DescriptorsOfASessionAreTakenInTheirOrder) {
    start();
    const util::UniqueFd bad(::open(write("bad", "malicious").c_str(), O_RDONLY | O_CLOEXEC));
    const util::UniqueFd good(::open(write("good", "fine").c_str(), O_RDONLY | O_CLOEXEC));
    const Client client = connect();
    client.send("zIDSESSION\0"s + stream({"fine"}));
    for (const int fd : {bad.get(), good.get()}) {
        client.send("zFILDES\0"s);
        client.send_with("\0"s, {fd});
    }
    client.send("zEND\0"s);
    const std::string answers = client.rest();
    EXPECT_TRUE(std::regex_search(answers, std::regex(R"(2: fd\[\d+\]: a\.Bad_Thing___1_ FOUND)")))
        << answers;
    EXPECT_TRUE(std::regex_search(answers, std::regex(R"(3: fd\[\d+\]: OK)"))) << answers;
}

TEST_F(ClamdTest, OfDescriptorsOnlyReadableRegularFilesAreTaken) {
    start();
    const std::string path = write("file", "malicious");
    const auto asked = [&](int fd) {
        const Client client = connect();
        client.send_with("nFILDES\n\0"s, {fd});
        return client.rest();
    };
    const util::UniqueFd directory(::open(here.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    EXPECT_THAT(asked(directory.get()), EndsWith(": Not a regular file ERROR\n"));
    const util::UniqueFd device(::open("/dev/zero", O_RDONLY | O_CLOEXEC));
    EXPECT_THAT(asked(device.get()), EndsWith(": Not a regular file ERROR\n"));
    const util::UniqueFd write_only(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    EXPECT_THAT(asked(write_only.get()), EndsWith(": Access denied. ERROR\n"));
    const util::UniqueFd path_only(::open(path.c_str(), O_PATH | O_CLOEXEC));
    EXPECT_THAT(asked(path_only.get()), EndsWith(": Access denied. ERROR\n"));
    const Client none = connect();
    none.send("nFILDES\nx");
    EXPECT_EQ(none.rest(), "No file descriptor received. ERROR\n");
}

TEST_F(ClamdTest, DescriptorsThatNobodyAskedForEndTheConnection) {
    start();
    const util::UniqueFd file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const Client client = connect();
    client.send_with("z", {file.get(), file.get()});
    EXPECT_EQ(client.rest(), "PROTOCOL ERROR: ancillary data sent without FILDES. ERROR\0"s);
}

TEST_F(ClamdTest, AClientsPositionInItsFileDoesNotMatter) {
    start();
    const util::UniqueFd file(::open(write("bad", "malicious").c_str(), O_RDONLY | O_CLOEXEC));
    ASSERT_EQ(::lseek(file.get(), 0, SEEK_END), 9);
    const Client client = connect();
    client.send_with("nFILDES\n\0"s, {file.get()});
    EXPECT_THAT(client.rest(), EndsWith("FOUND\n"));
    EXPECT_EQ(::lseek(file.get(), 0, SEEK_CUR), 9) << "and stays where it was";
}

}   // namespace
}   // namespace microengine::clamd
