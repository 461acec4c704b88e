// SPDX-License-Identifier: MIT
#include "plugins/support/utf8.hpp"
#include "plugins/yara/errors.hpp"
#include "plugins/yara/externals.hpp"
#include "plugins/yara/includes.hpp"
#include "plugins/yara/json.hpp"
#include "plugins/yara/judge.hpp"
#include "plugins/yara/rule_files.hpp"
#include "plugins/yara/tests/folder.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace microengine::yara {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(YaraJson, WhateverGoesInValidJsonComesOut) {
    struct Case {
        std::string text, json;
    };
    for (const auto& [text, json] : {
             Case{"plain", "\"plain\""}, Case{"a\"b\\c\nd\te\x01\x7f", R"("a\"b\\c\nd\te\u0001\u007f")"},
             Case{"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\""},
             Case{"\xFFx", "\"\xEF\xBF\xBDx\""},
             Case{"\xC0\xAF", "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},                   // an overlong '/'
             Case{"\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},   // a surrogate
             Case{"\xE2\x82", "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},                   // cut short
         }) {
        std::string written;
        append_json_string(written, text);
        EXPECT_EQ(written, json);
    }
}

TEST(YaraJson, AnObjectWithoutMembersIsNoText) {
    EXPECT_EQ(JsonObject().finish(), "");
    EXPECT_EQ(JsonObject().add("a", 1).add("b", "x").add_boolean("c", true).finish(),
              R"({"a":1,"b":"x","c":true})");
}

TEST(YaraJson, CuttingSparesCharacters) {
    EXPECT_EQ(utf8::cut("abc", 3), "abc");
    EXPECT_EQ(utf8::cut("abcd", 3), "abc");
    EXPECT_EQ(utf8::cut("ab\xE2\x82\xAC", 4), "ab");
    EXPECT_EQ(utf8::cut("\x80\x80\x80\x80\x80\x80", 5), "\x80\x80\x80\x80\x80");   // no character to spare
}

TEST(YaraIncludes, AreReadOffTheText) {
    EXPECT_THAT(
        included_names("include \"a.yar\"\n// include \"b.yar\"\ninclude/* */\"c.yar\" rule includes {}"),
        ElementsAre("a.yar", "c.yar"));
    EXPECT_THAT(included_names("include 'a' include"), ElementsAre());
    EXPECT_THAT(included_names("xinclude \"a\" /* include \"b\" */ /* include \"c\""), ElementsAre());
}

TEST(YaraIncludes, WhatLooksLikeACommentInAStringIsNone) {
    EXPECT_THAT(included_names("rule r { strings: $a = \"http://x/*\" $b = /a\\/\\/*\"/ $c = \"\\\"//\" "
                               "condition: any of them } include \"a\""),
                ElementsAre("a"));
    EXPECT_THAT(included_names("$a = \"not closed\ninclude \"a\""), ElementsAre("a"));
    EXPECT_THAT(included_names("$a = \"include \\\"x\\\"\""), ElementsAre());
}

TEST(YaraIncludes, AnIndexHasNothingElse) {
    EXPECT_TRUE(is_index("/* all */ include \"a\"\n// more\ninclude \"b\"\n"));
    EXPECT_FALSE(is_index("include \"a\" rule x { condition: true }"));
    EXPECT_FALSE(is_index("// nothing at all"));
    EXPECT_FALSE(is_index(""));
}

TEST(YaraProblems, AreListedUpToTwenty) {
    const std::vector<Problem> problems(27, {"a.yar", 3, "bad"});
    const std::string text = to_text(problems);
    EXPECT_TRUE(text.starts_with("a.yar:3: error: bad\n"));
    EXPECT_TRUE(text.ends_with("\n… and 7 more"));
    EXPECT_EQ(to_text(Problem{"a.yac", 0, "damaged"}), "a.yac: error: damaged");
}

TEST(YaraMetaTest, IsAKeyARelationAndAValue) {
    EXPECT_EQ(parse_meta_test("severity=Low")->text, "low");
    EXPECT_EQ(parse_meta_test("score<60")->number, 60);
    EXPECT_EQ(parse_meta_test("score>-1")->relation, MetaTest::Relation::greater);
    for (const char* bad : {"", "severity", "=low", "score<", "score<high", "score<6x"})
        EXPECT_FALSE(parse_meta_test(bad)) << bad;
}

TEST(YaraExternals, HaveTheTypeTheirValueLooksLike) {
    const Externals all =
        parse_externals({"a=12", "b=true", "c=1.5", "d=x=y", "e=\"12\"", "f=", "g=nan"}, false);
    EXPECT_EQ(std::get<std::int64_t>(all[0].value), 12);
    EXPECT_TRUE(std::get<bool>(all[1].value));
    EXPECT_EQ(std::get<double>(all[2].value), 1.5);
    EXPECT_EQ(std::get<std::string>(all[3].value), "x=y");
    EXPECT_EQ(std::get<std::string>(all[4].value), "12");
    EXPECT_EQ(std::get<std::string>(all[5].value), "");
    EXPECT_EQ(std::get<std::string>(all[6].value), "nan");
}

TEST(YaraExternals, OnesOwnReplaceThePredefined) {
    EXPECT_EQ(parse_externals({}, true).size(), 6U);
    EXPECT_EQ(parse_externals({"owner=me", "x=1"}, true).size(), 7U);
    for (const char* bad : {"novalue", "=1", "1a=2", "a b=2"})
        EXPECT_THROW((void)parse_externals({bad}, false), Error) << bad;
    // libyara would end the process at the second scan.
    for (const char* module : {"pe=1", "elf=x", "math=1"})
        EXPECT_THROW((void)parse_externals({module}, false), Error) << module;
    EXPECT_THROW((void)parse_externals({"a=1", "a=2"}, false), Error);
}

std::vector<std::string> name_spaces(const RuleFiles& files) {
    std::vector<std::string> names;
    for (const RuleFile& file : files.sources) names.push_back(file.name_space);
    return names;
}

struct YaraRuleFiles : testing::Test {
    YaraRuleFiles() {
        folder.write("rules/b.yar", rule("b", "b"));
        folder.write("rules/a/c.YARA", rule("c", "c"));
        folder.write("rules/.git/d.yar", rule("d", "d"));
        folder.write("rules/readme.txt", "no rule");
    }
    Folder folder;
};

TEST_F(YaraRuleFiles, ADirectoryIsWalkedInOrderAndHiddenNamesAreNot) {
    EXPECT_THAT(name_spaces(find_rule_files({folder.at("rules")}, true)), ElementsAre("a/c.YARA", "b.yar"));
    EXPECT_THAT(name_spaces(find_rule_files({folder.at("rules/")}, true)), ElementsAre("a/c.YARA", "b.yar"));
}

TEST_F(YaraRuleFiles, APatternMayNameFilesAndDirectories) {
    EXPECT_THAT(name_spaces(find_rule_files({folder.at("rules/*.yar")}, true)), ElementsAre("b.yar"));
    EXPECT_THAT(name_spaces(find_rule_files({folder.at("ru*")}, true)),
                ElementsAre("rules/a/c.YARA", "rules/b.yar"));
    EXPECT_THAT(find_rule_files({folder.at("rules/*.yara")}, true).problems,
                ElementsAre(Problem{folder.at("rules/*.yara"), 0, "nothing matches this pattern"}));
}

TEST_F(YaraRuleFiles, WildcardsInADirectoryThatExistsAreItsName) {
    folder.write("g[1]/rules/a.yar", rule("a", "a"));
    folder.write("g1/rules/b.yar", rule("b", "b"));
    EXPECT_THAT(name_spaces(find_rule_files({folder.at("g[1]/rules/*.yar")}, true)), ElementsAre("a.yar"));
    EXPECT_THAT(name_spaces(find_rule_files({folder.at("g[12]/rules/*.yar")}, true)),
                ElementsAre("g1/rules/b.yar"));
    folder.write("b\\*/c.yar", rule("c", "c"));
    EXPECT_THAT(name_spaces(find_rule_files({folder.at("b\\*/?.yar")}, true)), ElementsAre("c.yar"));
}

TEST_F(YaraRuleFiles, APatternThatMeetsAnUnreadableDirectorySaysSo) {
    const Unprivileged unprivileged;
    const Folder own;
    own.write("x/1/a.yar", rule("a", "a"));
    own.write("x/2/b.yar", rule("b", "b"));
    own.write("x/file", "");
    std::filesystem::permissions(own.at("x/1"), std::filesystem::perms::none);
    const auto files = find_rule_files({own.at("x/*/*.yar")}, true);
    EXPECT_THAT(files.problems, ElementsAre(Problem{own.at("x/1"), 0, "Permission denied"}));
    EXPECT_THAT(name_spaces(files), ElementsAre("2/b.yar"));
    EXPECT_THAT(find_rule_files({own.at("x/1/*.yar")}, true).refusals,
                ElementsAre(Problem{own.at("x/1"), 0, "Permission denied"}));
    std::filesystem::permissions(own.at("x/1"), std::filesystem::perms::owner_all);
}

TEST_F(YaraRuleFiles, ALinkToADirectoryIsNamedUnlessItIsWalkedAnyway) {
    folder.write("other/d.yar", rule("d", "d"));
    std::filesystem::create_directory_symlink("../other", folder.at("rules/away"));
    std::filesystem::create_directory_symlink(".", folder.at("rules/here"));
    const auto files = find_rule_files({folder.at("rules")}, true);
    EXPECT_THAT(files.notes, ElementsAre(folder.at("rules/away") +
                                         ": symbolic link to a directory, not followed; name it in rules"));
    EXPECT_THAT(files.problems, ElementsAre());
    const auto named = find_rule_files({folder.at("rules"), folder.at("rules/away")}, true);
    EXPECT_THAT(named.notes, ElementsAre());
    EXPECT_THAT(name_spaces(named), ElementsAre("a/c.YARA", "b.yar", "d.yar"));
}

TEST_F(YaraRuleFiles, AFileReachedTwiceIsReadOnceAndNamespacesAreUnique) {
    folder.write("other/b.yar", rule("b", "b"));
    const auto files =
        find_rule_files({folder.at("rules/b.yar"), folder.at("rules"), folder.at("other")}, true);
    EXPECT_THAT(name_spaces(files), ElementsAre("b.yar", "a/c.YARA", "b.yar#2"));
}

TEST_F(YaraRuleFiles, AnythingButAFileIsAProblem) {
    std::filesystem::create_symlink("nowhere", folder.at("rules/link.yar"));
    const auto files = find_rule_files({folder.at("rules"), folder.at("gone.yar")}, true);
    ASSERT_EQ(files.problems.size(), 1U);
    EXPECT_EQ(files.problems[0].file, folder.at("rules/link.yar"));
    EXPECT_THAT(files.refusals, ElementsAre(Problem{folder.at("gone.yar"), 0, "No such file or directory"}));
    EXPECT_EQ(files.sources.size(), 2U);
}

TEST_F(YaraRuleFiles, AnIncludeMayNotLeaveTheRoots) {
    folder.write("secret.yar", rule("s", "s"));
    std::filesystem::create_symlink("../secret.yar", folder.at("rules/link"));
    const auto top =
        folder.write("rules/top.yar", "include \"a/c.YARA\" include \"../secret.yar\" include \"link\"");
    const auto files = find_rule_files({folder.at("rules")}, true);
    EXPECT_NE(find_include(files, include_path(top, "a/c.YARA")).text, nullptr);
    EXPECT_EQ(find_include(files, include_path(top, "../secret.yar")).text, nullptr);
    EXPECT_EQ(find_include(files, include_path(top, "link")).text, nullptr);
    EXPECT_THAT(find_include(files, include_path(top, "../secret.yar")).refusal, HasSubstr("outside"));
    const auto without = find_rule_files({folder.at("rules")}, false);
    EXPECT_THAT(find_include(without, include_path(top, "a/c.YARA")).refusal, HasSubstr("includes = true"));
}

}   // namespace
}   // namespace microengine::yara
