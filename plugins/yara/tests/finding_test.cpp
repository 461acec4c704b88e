// SPDX-License-Identifier: MIT
// Which files the backend takes in: directories, patterns, includes and indexes.

#include "plugins/yara/tests/loading.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <set>
#include <string>

namespace microengine::yara {
namespace {

using support::Harness;
using support::Seen;
using testing::Contains;
using testing::HasSubstr;
namespace fs = std::filesystem;

TEST_F(YaraLoading, IncludesAreRelativeToTheFileThatIncludes) {
    folder.write("rules/top.yar", "include \"parts/one.inc\"\n" + rule("top", "ttt"));
    folder.write("rules/parts/one.inc", "include \"two.inc\"\n");
    folder.write("rules/parts/two.inc", rule("two", "222"));
    EXPECT_EQ(found("ttt 222"), (std::set<std::string>{"top.yar:top", "top.yar:two"}));
}

TEST_F(YaraLoading, AnErrorInAnIncludedFileIsNamedThere) {
    folder.write("rules/good.yar", rule("g", "g"));
    folder.write("rules/top.yar", "include \"parts/one.inc\"\n");
    const auto part = folder.write("rules/parts/one.inc", "\nrule x { condition: nope }");
    EXPECT_THAT(harness.open().log, Contains(part + ":2: error: undefined identifier \"nope\""));
}

TEST_F(YaraLoading, AnIncludeFromOutsideIsRefused) {
    const auto secret = folder.write("secret.yar", rule("s", "sss"));
    const auto top = folder.write("rules/top.yar", "include \"../secret.yar\"\n");
    folder.write("rules/good.yar", rule("g", "g"));
    EXPECT_THAT(harness.open().log, Contains(top + ":1: error: cannot include: " + secret +
                                             " is outside the directories that 'rules' names"));
    EXPECT_EQ(found("sss"), std::set<std::string>{});
}

TEST_F(YaraLoading, AnIndexBesideItsFilesReportsNothingTwice) {
    folder.write("rules/index.yar", "// all of them\ninclude \"./a.yar\"\n");
    folder.write("rules/a.yar", rule("a", "aaa"));
    EXPECT_EQ(found("aaa"), std::set<std::string>{"a.yar:a"});
}

TEST_F(YaraLoading, AnIndexStaysIfAFileNeedsIt) {
    folder.write("rules/a.yar", rule("a_base", "aaa"));
    folder.write("rules/b.yar", "rule b { condition: a_base and filesize > 3 }");
    folder.write("rules/c.yar", rule("c", "ccc"));
    folder.write("rules/index.yar", "include \"a.yar\"\ninclude \"b.yar\"\n");
    folder.write("rules/top_index.yar", "include \"c.yar\"\ninclude \"index.yar\"\n");
    harness.set("strict", true);
    const Seen seen = harness.open();
    EXPECT_EQ(seen.status, ME_OK) << seen.fail_text;
    EXPECT_THAT(seen.log, Contains("3 rules of 1 file"));
    EXPECT_EQ(found("aaa ccc"),
              (std::set<std::string>{"top_index.yar:a_base", "top_index.yar:b", "top_index.yar:c"}));
}

TEST_F(YaraLoading, ABrokenIndexCostsNothingThatCompilesAlone) {
    folder.write("rules/a.yar", rule("a", "aaa"));
    const auto broken = folder.write("rules/b.yar", "rule b { condition: nope }");
    folder.write("rules/index.yar", "include \"a.yar\"\ninclude \"b.yar\"\n");
    const Seen seen = harness.open();
    EXPECT_THAT(seen.log, testing::UnorderedElementsAre(broken + ":1: error: undefined identifier \"nope\"",
                                                        "1 rule of 3 files, 1 broken file left out"));
    EXPECT_EQ(found("aaa"), std::set<std::string>{"a.yar:a"});
}

TEST_F(YaraLoading, AnIndexOfAnUnreadableFileIsNotNeedless) {
    folder.write("rules/a.yar", rule("a", "aaa"));
    const auto pipe = folder.at("rules/pipe.yar");
    ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
    folder.write("rules/index.yar", "include \"a.yar\"\ninclude \"pipe.yar\"\n");
    const Seen seen = harness.open();
    EXPECT_THAT(seen.log, Contains(pipe + ": error: this is not a regular file"));
    EXPECT_THAT(seen.log, Contains(HasSubstr("index.yar:2: error: cannot include: " + pipe)));
    EXPECT_EQ(found("aaa"), std::set<std::string>{"a.yar:a"});
}

TEST_F(YaraLoading, AnIncludeWithANulByteIsRefusedNotCut) {
    folder.write("rules/good.yar", rule("g", "g"));
    const auto top = folder.write("rules/top.yar", "include \"one.inc\"\n");
    const auto part = folder.write("rules/one.inc", rule("x", "x") + std::string(1, '\0') + rule("y", "y"));
    EXPECT_THAT(harness.open().log, Contains(testing::StartsWith(top + ":1: error: cannot include: " + part +
                                                                 " has a NUL byte")));
    EXPECT_EQ(found("x y"), std::set<std::string>{});
    Harness strict(PLUGIN_FILE);
    strict.set("rules", folder.at("rules")).set("cache_dir", std::string("off")).set("strict", true);
    EXPECT_EQ(strict.open().status, ME_E_SETTINGS);
}

TEST_F(YaraLoading, AnUnreadableDirectoryCostsItselfOnly) {
    const Unprivileged unprivileged;
    const Folder own;
    for (const char* name : {"a", "b", "c", "d"})
        own.write("rules/" + std::string(name) + "/x.yar", rule(name, "evil"));
    for (const char* name : {"rules/b", "rules/c"}) fs::permissions(own.at(name), fs::perms::none);
    harness.set("rules", own.at("rules"));
    const Seen seen = harness.open();
    EXPECT_EQ(seen.status, ME_OK) << seen.fail_text;
    EXPECT_THAT(seen.log, Contains(own.at("rules/b") + ": error: Permission denied"));
    EXPECT_THAT(seen.log, Contains(own.at("rules/c") + ": error: Permission denied"));
    EXPECT_EQ(found("evil"), (std::set<std::string>{"a/x.yar:a", "d/x.yar:d"}));
    for (const char* name : {"rules/b", "rules/c"}) fs::permissions(own.at(name), fs::perms::owner_all);
}

TEST_F(YaraLoading, WhatTheSettingNamesMustBeReadable) {
    const Unprivileged unprivileged;
    const Folder own;
    own.write("good.yar", rule("g", "g"));
    own.write("dir/x.yar", rule("x", "x"));
    own.write("file.yar", rule("f", "f"));
    for (const char* name : {"dir", "file.yar"}) fs::permissions(own.at(name), fs::perms::none);
    for (const char* name : {"dir", "file.yar", "gone", "gone.yar", "dir/x.yar"}) {
        Harness one(PLUGIN_FILE);
        one.set("rules", {own.at("good.yar"), own.at(name)}).set("cache_dir", std::string("off"));
        const Seen seen = one.open();
        EXPECT_EQ(seen.status, ME_E_SETTINGS) << name;
        EXPECT_EQ(seen.fail_setting, "rules");
        EXPECT_THAT(seen.fail_text, HasSubstr(own.at(name) + ": error: "));
    }
    for (const char* name : {"dir", "file.yar"}) fs::permissions(own.at(name), fs::perms::owner_all);
}

TEST_F(YaraLoading, ALinkToADirectoryIsNamedInTheLog) {
    folder.write("rules/a.yar", rule("a", "a"));
    folder.write("other/b.yar", rule("b", "b"));
    fs::create_directory_symlink("../other", folder.at("rules/away"));
    const Seen seen = harness.set("strict", true).open();
    EXPECT_EQ(seen.status, ME_OK);
    EXPECT_THAT(seen.log, Contains(HasSubstr("rules/away: symbolic link to a directory, not followed")));
}

TEST_F(YaraLoading, WildcardsInADirectoryThatExistsAreItsName) {
    folder.write("g[1]/rules/a.yar", rule("a", "evil"));
    folder.write("g1/rules/b.yar", rule("b", "evil"));
    harness.set("rules", folder.at("g[1]/rules/*.yar"));
    EXPECT_EQ(found("evil"), std::set<std::string>{"a.yar:a"});
}

}   // namespace
}   // namespace microengine::yara
