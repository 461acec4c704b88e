// SPDX-License-Identifier: MIT
// Framing, as pure functions over bytes.
#include "host/frontends/clamd/protocol.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace microengine::clamd {
namespace {

using namespace std::string_literals;
using Status = Parsed::Status;

struct Row {
    std::string bytes;
    Status status;
    Word word = Word::ping;
    Form form = Form::old;
    std::string argument = {};
};

TEST(ReadCommand, EveryFormOfEveryWord) {
    const std::vector<Row> rows{
        {"zPING\0"s, Status::command, Word::ping, Form::z},
        {"nPING\n", Status::command, Word::ping, Form::n},
        {"nPING\r\n", Status::command, Word::ping, Form::n},
        {"PING\n", Status::command, Word::ping, Form::old},
        {"PING\r\n", Status::command, Word::ping, Form::old},
        {"zVERSION\0"s, Status::command, Word::version, Form::z},
        {"zVERSIONCOMMANDS\0"s, Status::command, Word::versioncommands, Form::z},
        {"VERSIONCOMMANDS\n", Status::unknown, Word::ping, Form::old},
        {"zSTATS\0"s, Status::command, Word::stats, Form::z},
        {"STATS\n", Status::unknown, Word::ping, Form::old},
        {"zIDSESSION\0"s, Status::command, Word::idsession, Form::z},
        {"nEND\n", Status::command, Word::end, Form::n},
        {"zINSTREAM\0"s, Status::command, Word::instream, Form::z},
        {"INSTREAM\n", Status::unknown, Word::ping, Form::old},
        {"nFILDES\n", Status::command, Word::fildes, Form::n},
        {"zRELOAD\0"s, Status::command, Word::reload, Form::z},
        {"zSHUTDOWN\0"s, Status::command, Word::shutdown, Form::z},
        {"zSCAN /a b\nc\0"s, Status::command, Word::scan, Form::z, "/a b\nc"},
        {"nSCAN  /a\n", Status::command, Word::scan, Form::n, " /a"},
        {"SCAN /a\n", Status::command, Word::scan, Form::old, "/a"},
        {"zCONTSCAN /a\0"s, Status::command, Word::contscan, Form::z, "/a"},
        {"zMULTISCAN /a\0"s, Status::command, Word::multiscan, Form::z, "/a"},
        {"zALLMATCHSCAN /a\0"s, Status::command, Word::allmatchscan, Form::z, "/a"},
        {"ALLMATCHSCAN /a\n", Status::unknown, Word::ping, Form::old},
        {"zSCANx/srv\0"s, Status::unknown, Word::ping, Form::z},
        {"zSCAN\0"s, Status::unknown, Word::ping, Form::z},
        {"zPINGx\0"s, Status::unknown, Word::ping, Form::z},
        {"zPING x\0"s, Status::unknown, Word::ping, Form::z},
        {"zping\0"s, Status::unknown, Word::ping, Form::z},
        {"z\0"s, Status::unknown, Word::ping, Form::z},
        {"\n", Status::unknown, Word::ping, Form::old},
        {"GET / HTTP/1.1\r\n", Status::unknown, Word::ping, Form::old},
        {"STREAM\n", Status::unknown, Word::ping, Form::old},
        {"zDETSTATS\0"s, Status::unknown, Word::ping, Form::z},
    };
    for (const Row& row : rows) {
        const Parsed parsed = read_command(row.bytes, false);
        EXPECT_EQ(parsed.status, row.status) << row.bytes;
        EXPECT_EQ(parsed.command.form, row.form) << row.bytes;
        EXPECT_EQ(parsed.used, row.bytes.size()) << row.bytes;
        if (row.status != Status::command) continue;
        EXPECT_EQ(parsed.command.word, row.word) << row.bytes;
        EXPECT_EQ(parsed.command.argument, row.argument) << row.bytes;
    }
}

TEST(ReadCommand, WaitsForTheTerminatorOfTheNewForms) {
    for (const std::string& whole : {"zSCAN /a\0"s, "nSCAN /a\n"s})
        for (std::size_t cut = 0; cut < whole.size(); ++cut)
            for (const bool settled : {false, true}) {
                const Parsed parsed = read_command(whole.substr(0, cut), settled);
                EXPECT_EQ(parsed.status, Status::incomplete) << cut;
                EXPECT_EQ(parsed.used, 0U);
            }
}

TEST(ReadCommand, OfTheOldStyleThePacketIsTheEnd) {
    EXPECT_EQ(read_command("PING", true).status, Status::command);
    EXPECT_EQ(read_command("SCAN /a", true).command.argument, "/a");
    EXPECT_EQ(read_command("RELOAD\0"s, true).command.word, Word::reload) << "freshclam";
    EXPECT_EQ(read_command("SC", false).status, Status::incomplete) << "more may come";
}

TEST(ReadCommand, ALineWithoutEndIsNoCommand) {
    EXPECT_EQ(read_command("z" + std::string(kLongestCommand, 'x'), false).status, Status::too_long);
    EXPECT_EQ(read_command("zSCAN /" + std::string(4096, 'x') + "\0"s, false).status, Status::command);
}

TEST(ReadCommand, FourZeroBytesAreAnEmptyStream) {
    EXPECT_EQ(read_command("\0\0\0\0"s, true).status, Status::empty_stream);
}

std::string joined(ChunkReader reader, const std::vector<std::string>& pieces, ChunkReader::Status& last) {
    std::string data;
    for (const std::string& piece : pieces) {
        std::span<const std::uint8_t> bytes(reinterpret_cast<const std::uint8_t*>(piece.data()),
                                            piece.size());
        do {
            const auto step = reader.next(bytes);
            last = step.status;
            data.append(reinterpret_cast<const char*>(step.data.data()), step.data.size());
            bytes = bytes.subspan(step.used);
            if (last == ChunkReader::Status::done || last == ChunkReader::Status::too_large) return data;
        } while (!bytes.empty());
    }
    return data;
}

TEST(ChunkReader, HeadersAndDataMayBeCutAnywhere) {
    const std::string bytes = "\0\0\0\3abc\0\0\0\1d\0\0\0\0"s;
    for (std::size_t first = 0; first <= bytes.size(); ++first)
        for (std::size_t second = first; second <= bytes.size(); ++second) {
            auto last = ChunkReader::Status::more;
            EXPECT_EQ(
                joined(ChunkReader(100),
                       {bytes.substr(0, first), bytes.substr(first, second - first), bytes.substr(second)},
                       last),
                "abcd");
            EXPECT_EQ(last, ChunkReader::Status::done);
        }
}

TEST(ChunkReader, ExactlyTheLimitIsFineAndOneMoreIsNot) {
    auto last = ChunkReader::Status::more;
    EXPECT_EQ(joined(ChunkReader(4), {"\0\0\0\3abc\0\0\0\1d\0\0\0\0"s}, last), "abcd");
    EXPECT_EQ(last, ChunkReader::Status::done);
    EXPECT_EQ(joined(ChunkReader(4), {"\0\0\0\3abc\0\0\0\2"s}, last), "abc");
    EXPECT_EQ(last, ChunkReader::Status::too_large) << "by the header, before any of it has come";
    joined(ChunkReader(4), {"\xff\xff\xff\xff"s}, last);
    EXPECT_EQ(last, ChunkReader::Status::too_large);
}

}   // namespace
}   // namespace microengine::clamd
