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

/// With % and one of m, 1, 2 for a digest of the three kinds.
std::string filled(std::string_view text) {
    std::string out;
    for (; !text.empty(); text.remove_prefix(1)) {
        if (text.front() != '%') {
            out += text.front();
            continue;
        }
        text.remove_prefix(1);
        out += text.front() == 'm' ? kMd5 : text.front() == '1' ? kSha1 : kSha256;
    }
    return out;
}

struct Case {
    std::string_view text, name;
    Kind kind;
    bool family = false;
};
constexpr Case kRows[] = {{"%2", "", Kind::sha256},
                          {"  %1\r", "", Kind::sha1},
                          {"%m  name of a file.exe", "name of a file.exe", Kind::md5},
                          {"%2 *binary.exe", "binary.exe", Kind::sha256},
                          {"%2\tWin.Trojan.Agent-1", "Win.Trojan.Agent-1", Kind::sha256},
                          {"%2 Some#1 # seen in May", "Some#1", Kind::sha256},
                          {"%2 # seen in May", "", Kind::sha256},
                          {"%2 -", "", Kind::sha256},
                          {"%m:68:Win.Test.A-1", "Win.Test.A-1", Kind::md5},
                          {"%2:*:Win.Test.B-1:73", "Win.Test.B-1", Kind::sha256},
                          {R"("%2","Mirai")", "Mirai", Kind::sha256, true},
                          {R"("2020-07-01", "%m", "%2", "n/a")", "", Kind::sha256},
                          {"%1,AgentTesla,more", "AgentTesla", Kind::sha1, true},
                          {"%2,%m,%1", "", Kind::sha256}};

TEST(Line, RowsOfAllForms) {
    for (const Case& each : kRows) {
        const std::string line = filled(each.text);
        Columns columns;
        const auto row = parse_line(line, columns);
        ASSERT_TRUE(row && *row) << line << " " << (row ? "nothing" : row.error());
        EXPECT_EQ((*row)->name, each.name) << line;
        EXPECT_EQ((*row)->digest.kind, each.kind) << line;
        EXPECT_EQ((*row)->family, each.family) << line;
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
        const std::string line =
            R"("2020","",")" + kMd5 + R"(","someone","Mirai, or ""so""")";   // its name is a view of it
        const auto row = parse_line(line, columns);
        ASSERT_TRUE(row && *row) << row.error();
        EXPECT_EQ((*row)->digest.kind, Kind::md5) << "the strongest that the row has";
        EXPECT_EQ((*row)->name, R"(Mirai, or ""so"")");
        const auto without = parse_line("2020,,,someone,Mirai", columns);
        ASSERT_FALSE(without);
        EXPECT_THAT(without.error(), HasSubstr("no digest in the column"));
    }
}

struct Bad {
    std::string_view text, why;
};
constexpr Bad kBad[] = {{"%2%m%m", "got 128"},
                        {"%m0", "got 33"},
                        {"not a digest", "expected a digest, got \"not a digest\""},
                        {"\x1b[31m%2g", "\"?[31m333"},
                        {"%2g", "expected a digest"},
                        {"%m:x:name", "a number or * as its size, got \"x\""},
                        {"%m:5", "has no name"},
                        {"%m:5:", "has no name"},
                        {"%m::name", "a number or *"},
                        {"\"%2", "a quote is not closed"},
                        {"\"%2\"x,y", "a quote is not closed, or text follows"},
                        {"some,words", "expected a digest, got \"some\""},
                        {std::string_view("%2 a\0b", 6), "zero byte"}};

TEST(Line, BadOnesSayWhatIsWrong) {
    for (const auto& [text, why] : kBad) {
        const std::string line = filled(text);
        Columns columns;
        const auto row = parse_line(line, columns);
        ASSERT_FALSE(row) << line;
        EXPECT_THAT(row.error(), HasSubstr(std::string(why))) << line;
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
