// SPDX-License-Identifier: MIT
#include "host/config/trusted.hpp"

#include "host/util/digest.hpp"
#include "tests/unit/config/config_support.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace microengine::config {
namespace {

using testing::HasSubstr;

std::string digest(char digit) { return std::string(64, digit); }

struct Parsed {
    core::HashList list;
    std::string problems;
};
Parsed parse(std::string_view text) {
    std::vector<Diagnostic> found;
    core::HashList list = parse_hash_list(text, "lists/a.sha256", found);
    return {.list = std::move(list), .problems = to_text(found)};
}

TEST(HashList, TakesEveryWayToWriteALine) {
    const Parsed parsed =
        parse("\xEF\xBB\xBF# a comment\n\n" + digest('a') + "\n  " + digest('B') + "  file name\r\n" +
              digest('c') + " *binary\n" + digest('d') + "# known\n \t\n" + digest('e'));
    EXPECT_EQ(parsed.problems, "");
    EXPECT_EQ(parsed.list.file, "lists/a.sha256");
    for (const auto& [text, line] : std::vector<std::pair<std::string, std::uint32_t>>{
             {digest('a'), 3}, {digest('b'), 4}, {digest('c'), 5}, {digest('d'), 6}, {digest('e'), 8}}) {
        const auto found = parsed.list.lines.find(*util::parse_sha256(text));
        ASSERT_NE(found, parsed.list.lines.end()) << text;
        EXPECT_EQ(found->second, line);
    }
}

TEST(HashList, OfADigestThatStandsThereTwiceTheFirstLineCounts) {
    EXPECT_EQ(parse(digest('a') + "\n" + digest('A') + "\n").list.lines.at(*util::parse_sha256(digest('a'))),
              1u);
}

TEST(HashList, ABadLineIsAnErrorWithItsNumber) {
    EXPECT_EQ(parse(digest('a') + "\nabc\x1b[1m def\n" + digest('a') + "0\n").problems,
              "lists/a.sha256:2: error: a line must begin with a SHA-256 of 64 hexadecimal digits, got "
              "\"abc\\x1b[1m\"\n"
              "lists/a.sha256:3: error: a line must begin with a SHA-256 of 64 hexadecimal digits, got \"" +
                  digest('a') + "0\"\n");
}

TEST(HashList, AFileThatIsNoListSaysSoOnce) {
    std::string text;
    for (int i = 0; i < 3'000; ++i) text += "nonsense\n";
    std::vector<Diagnostic> found;
    EXPECT_TRUE(parse_hash_list(text, "notes.txt", found).lines.empty());
    ASSERT_EQ(found.size(), 20u);
    EXPECT_EQ(to_text(found.back()),
              "notes.txt:3000: error: 2,981 more lines are no SHA-256; is this a list of digests?");
}

TEST(LoadTrusted, ReadsBothKindsAndNamesThemBelowTheConfigFile) {
    const TemporaryDirectory directory;
    const TemporaryDirectory elsewhere;
    directory.write("lists/allow.sha256", "# x\n" + digest('a') + "\n");
    elsewhere.write("block", digest('b'));
    const Loaded loaded = load(directory.write(
        "microengine.toml", "[trusted]\nallow = [\"lists/allow.sha256\"]\nblock = [\"" +
                                (elsewhere.path() / "block").native() + "\"]\n" + std::string(kBackend)));
    std::vector<Diagnostic> found;
    const core::TrustedLists lists = load_trusted(loaded.config, found);
    EXPECT_EQ(to_text(found), "");
    const auto allowed = lists.find(*util::parse_sha256(digest('a')));
    ASSERT_TRUE(allowed);
    EXPECT_EQ(allowed->kind, core::Override::Kind::allow_list);
    EXPECT_EQ(allowed->place, "lists/allow.sha256:2");
    const auto blocked = lists.find(*util::parse_sha256(digest('b')));
    ASSERT_TRUE(blocked);
    EXPECT_EQ(blocked->place, (elsewhere.path() / "block").native() + ":1");
}

TEST(LoadTrusted, AListThatCannotBeReadIsAnErrorThatNamesItsKey) {
    Config config;
    config.file = "microengine.toml";
    config.directory = "/nowhere";
    config.trusted.allow = {"/nowhere/allow.sha256"};
    std::vector<Diagnostic> found;
    EXPECT_TRUE(load_trusted(config, found).allow.empty());
    EXPECT_EQ(to_text(found),
              "allow.sha256: error: cannot open it: No such file or directory ([trusted] allow of "
              "microengine.toml)\n");
}

}   // namespace
}   // namespace microengine::config
