// SPDX-License-Identifier: MIT
// What clamd says, byte by byte.
#include "reply.hpp"

#include "address.hpp"

#include <microengine/plugin.h>

#include <gmock/gmock.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace microengine::clamd {
namespace {

using Kind = Reply::Kind;

TEST(ReplyOf, Clamd) {
    const std::vector<std::pair<std::string_view, std::pair<Kind, std::string_view>>> cases{
        {"stream: OK", {Kind::clean, ""}},
        {"stream: Win.Test.EICAR_HDB-1 FOUND", {Kind::found, "Win.Test.EICAR_HDB-1"}},
        {"INSTREAM size limit exceeded. ERROR", {Kind::too_large, "INSTREAM size limit exceeded. ERROR"}},
        {"stream: Can't allocate memory ERROR", {Kind::error, "Can't allocate memory"}},
        {"Error writing to temporary file ERROR", {Kind::error, "Error writing to temporary file"}},
    };
    for (const auto& [text, wanted] : cases) {
        const Reply reply = parse_reply(text);
        EXPECT_EQ(reply.kind, wanted.first) << text;
        EXPECT_EQ(reply.text, wanted.second) << text;
    }
}

TEST(ReplyOf, NothingElseIsAnAnswerAndLeastOfAllClean) {
    for (const std::string_view text : {"",
                                        "OK",
                                        "stream: ok",
                                        "stream:OK",
                                        "stream: OK ",
                                        " stream: OK",
                                        "stream: OK\n",
                                        "stream: OK\r",
                                        "strea",
                                        "stream: ",
                                        "stream:  FOUND",
                                        "stream: FOUND",
                                        "stream: two words FOUND",
                                        "stream: \x1b[31mX FOUND",
                                        "X FOUND",
                                        "stream: X FOUND stream: OK",
                                        "1: stream: OK",
                                        "/etc/passwd: OK",
                                        "UNKNOWN COMMAND",
                                        "COMMAND READ TIMED OUT\n",
                                        "PONG",
                                        " ERROR",
                                        "stream:  ERROR",
                                        "HTTP/1.1 200 OK"})
        EXPECT_EQ(parse_reply(text).kind, Kind::garbled) << text;
}

TEST(Names, MeanWhatTheyMeanToClamAV) {
    EXPECT_EQ(meaning_of("Win.Trojan.Agent-1").verdict, ME_MALICIOUS);
    for (const std::string_view weak :
         {"PUA.Win.Tool.X-1", "Heuristics.Phishing.Email.SpoofedDomain", "Suspicious.x"})
        EXPECT_EQ(meaning_of(weak).verdict, ME_SUSPICIOUS) << weak;
    const Meaning size = meaning_of("Heuristics.Limits.Exceeded.MaxFileSize");
    EXPECT_EQ(size.verdict, ME_UNKNOWN);
    EXPECT_EQ(size.partial, ME_PARTIAL_TOO_LARGE);
    EXPECT_EQ(meaning_of("Heuristics.Limits.Exceeded.MaxScanTime").partial, ME_PARTIAL_TIME_LIMIT);
    EXPECT_EQ(meaning_of("Heuristics.Limits.Exceeded").partial, ME_PARTIAL_OTHER);
    EXPECT_EQ(meaning_of("Heuristics.Encrypted.Zip").partial, ME_PARTIAL_ENCRYPTED);
}

TEST(Names, HaveFamilies) {
    EXPECT_EQ(family_of("Win.Trojan.Agent-1234-0"), "Agent");
    EXPECT_EQ(family_of("Win.Trojan.Agent-1234.UNOFFICIAL"), "Agent");
    for (const std::string_view none : {"Eicar-Test-Signature", "A.B", "Sane.Junk.Name", "a.b.", "..", ""})
        EXPECT_EQ(family_of(none), "") << none;
}

TEST(VersionOf, Clamd) {
    const auto version = parse_version("ClamAV 1.0.3/27123/Mon Jan  6 09:40:55 2025");
    ASSERT_TRUE(version);
    EXPECT_EQ(version->text, "1.0.3/27123");
    EXPECT_EQ(version->date_unix, 1736156455);
    EXPECT_EQ(parse_version("ClamAV 1.4.6")->text, "1.4.6");
    EXPECT_EQ(parse_version("ClamAV 1.4.6/27500/yesterday")->date_unix, 0);
    EXPECT_EQ(parse_version("ClamAV 1.4.6/27500")->text, "1.4.6/27500");
    for (const std::string_view bad : {"", "ClamAV ", "UNKNOWN COMMAND", "ClamAV a b", "ClamAV \x1b/1/x"})
        EXPECT_FALSE(parse_version(bad)) << bad;
    EXPECT_FALSE(parse_version("ClamAV " + std::string(64, '1')));
}

TEST(HostAndPort, OfAllForms) {
    const auto parsed = [](std::string_view text) {
        const auto both = parse_host_port(text);
        return both ? both->host + " " + both->port : "nothing";
    };
    EXPECT_EQ(parsed("localhost:3310"), "localhost 3310");
    EXPECT_EQ(parsed("[::1]:3310"), "::1 3310");
    EXPECT_EQ(parsed("192.0.2.1:1"), "192.0.2.1 1");
    for (const std::string_view bad :
         {"", "localhost", ":3310", "localhost:", "::1:3310", "[::1]", "[]:1", "a:0", "a:65536", "a:-1",
          "a: 1", "a b:1", "/run/clamd:1", "a:99999999999", "unix:/run/x"})
        EXPECT_EQ(parsed(bad), "nothing") << bad;
}

TEST(Shown, IsFitForATerminal) {
    EXPECT_EQ(shown("\x1b[31m" + std::string(100, 'x')).substr(0, 6), "?[31mx");
}

}   // namespace
}   // namespace microengine::clamd
