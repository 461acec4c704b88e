// SPDX-License-Identifier: MIT
// One line of a list, as files and feeds write it.
#include "line.hpp"

#include "list_file.hpp"

#include <gmock/gmock.h>

#include <string>
#include <string_view>
#include <vector>

namespace microengine::hashlist {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kMd5(32, 'a');
const std::string kSha1(40, 'B');
const std::string kSha256(64, '3');

struct Case {
    std::string line, name;
    Kind kind;
    bool family = false;
};

TEST(Line, RowsOfAllForms) {
    for (const Case& each : std::vector<Case>{
             {kSha256, "", Kind::sha256},
             {"  " + kSha1 + "\r", "", Kind::sha1},
             {kMd5 + "  name of a file.exe", "name of a file.exe", Kind::md5},
             {kSha256 + " *binary.exe", "binary.exe", Kind::sha256},
             {kSha256 + "\tWin.Trojan.Agent-1", "Win.Trojan.Agent-1", Kind::sha256},
             {kSha256 + " Some#1 # seen in May", "Some#1", Kind::sha256},
             {kSha256 + " # seen in May", "", Kind::sha256},
             {kSha256 + " -", "", Kind::sha256},
             {kMd5 + ":68:Win.Test.A-1", "Win.Test.A-1", Kind::md5},
             {kSha256 + ":*:Win.Test.B-1:73", "Win.Test.B-1", Kind::sha256},
             {"\"" + kSha256 + "\",\"Mirai\"", "Mirai", Kind::sha256, true},
             {"\"2020-07-01\", \"" + kMd5 + "\", \"" + kSha256 + "\", \"n/a\"", "", Kind::sha256},
             {kSha1 + ",AgentTesla,more", "AgentTesla", Kind::sha1, true},
             {kSha256 + "," + kMd5 + "," + kSha1, "", Kind::sha256}}) {
        Columns columns;
        const auto row = parse_line(each.line, columns);
        ASSERT_TRUE(row && *row) << each.line << " " << (row ? "nothing" : row.error());
        EXPECT_EQ((*row)->name, each.name) << each.line;
        EXPECT_EQ((*row)->digest.kind, each.kind) << each.line;
        EXPECT_EQ((*row)->family, each.family) << each.line;
    }
}

TEST(Line, DigitsOfEitherCaseAreTheSameDigest) {
    Columns columns;
    EXPECT_EQ((*parse_line(kSha1, columns))->digest.bytes,
              (*parse_line(std::string(40, 'b'), columns))->digest.bytes);
}

TEST(Line, BlankLinesAndCommentsAreNoRows) {
    for (const char* line : {"", "   \r", "# a comment", "#", "# with, commas"}) {
        Columns columns;
        const auto row = parse_line(line, columns);
        ASSERT_TRUE(row) << line;
        EXPECT_FALSE(*row) << line;
    }
}

TEST(Line, AHeaderTellsTheColumnsAlsoFromAComment) {
    for (const char* header : {R"(# "first_seen_utc","sha256_hash","md5_hash","reporter","signature")",
                               "seen,SHA-256,MD5,by,Family"}) {
        Columns columns;
        const auto nothing = parse_line(header, columns);
        ASSERT_TRUE(nothing && !*nothing) << header;
        const auto row = parse_line(R"("2020","",")" + kMd5 + R"(","someone","Mirai, or ""so""")", columns);
        ASSERT_TRUE(row && *row) << row.error();
        EXPECT_EQ((*row)->digest.kind, Kind::md5) << "the strongest that the row has";
        EXPECT_EQ((*row)->name, R"(Mirai, or ""so"")");
        const auto without = parse_line("2020,,,someone,Mirai", columns);
        ASSERT_FALSE(without);
        EXPECT_THAT(without.error(), HasSubstr("no digest in the column"));
    }
}

TEST(Line, BadOnesSayWhatIsWrong) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {std::string(63, 'a'), "got 63"},
        {std::string(128, 'a'), "got 128"},
        {"not a digest", "expected a digest, got \"not a digest\""},
        {"\x1b[31m" + std::string(100, 'x'), "\"?[31mxxx"},
        {kSha256 + "g", "expected a digest"},
        {kMd5 + ":x:name", "a number or * as its size, got \"x\""},
        {kMd5 + ":5", "has no name"},
        {kMd5 + ":5:", "has no name"},
        {kMd5 + "::name", "a number or *"},
        {"\"" + kSha256, "a quote is not closed"},
        {"\"" + kSha256 + "\"x,y", "a quote is not closed, or text follows"},
        {"some,words", "expected a digest, got \"some\""},
        {kSha256 + std::string(" a\0b", 4), "zero byte"}};
    for (const auto& [line, why] : cases) {
        Columns columns;
        const auto row = parse_line(line, columns);
        ASSERT_FALSE(row) << line;
        EXPECT_THAT(row.error(), HasSubstr(why)) << line;
    }
}

TEST(Lines, AreTheSameHoweverTheBytesCome) {
    const std::string text =
        "one\n\ntwo\n" + std::string(kMostLine, 'x') + "\n" + std::string(kMostLine + 1, 'y') + "\nlast";
    const std::vector<std::size_t> wanted{3, 0, 3, kMostLine, SIZE_MAX, 4};
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1000}, text.size()}) {
        std::vector<std::size_t> sizes;
        Lines lines({.line = [&](std::string_view line) { sizes.push_back(line.size()); },
                     .too_long = [&] { sizes.push_back(SIZE_MAX); }});
        for (std::size_t at = 0; at < text.size(); at += piece)
            lines.add(std::string_view(text).substr(at, piece));
        lines.finish();
        EXPECT_EQ(sizes, wanted) << piece;
    }
}

}   // namespace
}   // namespace microengine::hashlist
