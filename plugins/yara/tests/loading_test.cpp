// SPDX-License-Identifier: MIT
// What the backend loads, what it refuses, and what it keeps on disk.

#include "plugins/yara/compile.hpp"
#include "plugins/yara/handles.hpp"
#include "plugins/yara/tests/folder.hpp"
#include "tests/support/plugin_harness.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

namespace microengine::yara {
namespace {

using support::Harness;
using support::Seen;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
namespace fs = std::filesystem;

struct YaraLoading : testing::Test {
    YaraLoading() { harness.set("rules", folder.at("rules")).set("cache_dir", std::string("off")); }
    Folder folder;
    Harness harness{PLUGIN_FILE};
    std::set<std::string> found(std::string_view artifact) {
        std::set<std::string> names;
        for (const auto& detection : harness.scan(artifact).detections)
            names.insert(detection.name_space + ":" + detection.name);
        return names;
    }
};

TEST_F(YaraLoading, ABrokenFileCostsItselfOnlyAndIsNamedWithItsLine) {
    folder.write("rules/a.yar", rule("a", "aaa"));
    const auto broken = folder.write("rules/b.yar", "rule b {\n  condition:\n    nope\n}\n");
    folder.write("rules/c.yar", rule("c", "ccc"));
    const auto other = folder.write("rules/d.yar", "\n\nrule d { condition: tru }");
    const Seen seen = harness.open();
    EXPECT_EQ(seen.status, ME_OK) << seen.fail_text;
    EXPECT_THAT(seen.log, Contains(broken + ":3: error: undefined identifier \"nope\""));
    EXPECT_THAT(seen.log, Contains(other + ":3: error: undefined identifier \"tru\""));
    EXPECT_THAT(seen.log, Contains("2 rules of 4 files, 2 broken files left out"));
    EXPECT_EQ(harness.signatures()->count, 2U);
    EXPECT_EQ(found("aaa ccc"), (std::set<std::string>{"a.yar:a", "c.yar:c"}));
}

TEST_F(YaraLoading, StrictRefusesAndNamesThemAll) {
    folder.write("rules/a.yar", rule("a", "aaa"));
    for (const char* name : {"rules/b.yar", "rules/c.yar"}) folder.write(name, "rule b { condition: nope }");
    const Seen seen = harness.set("strict", true).open();
    EXPECT_EQ(seen.status, ME_E_SETTINGS);
    EXPECT_EQ(seen.fail_setting, "rules");
    EXPECT_THAT(seen.fail_text, HasSubstr("b.yar:1: error:"));
    EXPECT_THAT(seen.fail_text, HasSubstr("c.yar:1: error:"));
}

TEST_F(YaraLoading, WithoutARuleItDoesNotOpen) {
    fs::create_directory(folder.at("rules"));
    EXPECT_EQ(harness.open().status, ME_E_SETTINGS);
    folder.write("rules/a.yar", "// no rule\n");
    EXPECT_THAT(harness.open().fail_text, HasSubstr("there is no rule"));
    folder.write("rules/b.yar", "rule b { condition: nope }");
    EXPECT_THAT(harness.open().fail_text, HasSubstr("b.yar:1: error:"));
}

TEST_F(YaraLoading, TheSameNameInTwoFilesIsTwoRules) {
    folder.write("rules/a.yar", rule("same", "aaa"));
    folder.write("rules/b.yar", rule("same", "bbb"));
    EXPECT_EQ(found("aaa bbb"), (std::set<std::string>{"a.yar:same", "b.yar:same"}));
}

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
    EXPECT_THAT(harness.open().log,
                Contains(top + ":1: error: cannot include: " + secret +
                         " cannot be read, or is outside the directories that 'rules' names"));
    EXPECT_EQ(found("sss"), std::set<std::string>{});
}

TEST_F(YaraLoading, AnIndexBesideItsFilesReportsNothingTwice) {
    folder.write("rules/index.yar", "// all of them\ninclude \"./a.yar\"\n");
    folder.write("rules/a.yar", rule("a", "aaa"));
    EXPECT_EQ(found("aaa"), std::set<std::string>{"a.yar:a"});
}

TEST_F(YaraLoading, ExternalVariablesAreDefinedOrTheRuleIsBroken) {
    folder.write("rules/a.yar", "rule a { condition: filename == \"\" and level > 3 }");
    harness.set("externals", std::string("level=4"));
    EXPECT_EQ(found("x"), std::set<std::string>{"a.yar:a"});
    Harness without(PLUGIN_FILE);
    without.set("rules", folder.at("rules")).set("externals", std::string("level=4"));
    without.set("define_file_externals", false).set("cache_dir", std::string("off"));
    EXPECT_THAT(without.open().fail_text, HasSubstr("undefined identifier \"filename\""));
}

TEST_F(YaraLoading, CompiledRulesAreLoadedBesideSources) {
    folder.write("source/x.yar", "rule x { condition: level > 3 }");
    folder.write("rules/a.yar", rule("a", "aaa"));
    {
        const Library library;
        const auto compiled =
            compile(find_rule_files({folder.at("source")}, true), parse_externals({"level=1"}, false));
        std::string bytes;
        save_rules(compiled.rules.get(), bytes);
        folder.write("rules/x.yac", bytes);
    }
    const auto damaged = folder.write("rules/y.yac", "YARAnot really");
    harness.set("externals", std::string("level=4"));
    const Seen seen = harness.open();
    EXPECT_THAT(seen.log, Contains(testing::StartsWith(damaged + ": error: ")));
    EXPECT_EQ(found("aaa"), (std::set<std::string>{"a.yar:a", "x.yar:x"}));
    EXPECT_EQ(harness.signatures()->count, 2U);
}

struct YaraCache : YaraLoading {
    YaraCache() {
        folder.write("rules/a.yar", rule("a", "aaa"));
        broken = folder.write("rules/b.yar", "rule b { condition: nope }");
        harness.set("cache_dir", folder.at("cache"));
    }
    [[nodiscard]] std::vector<fs::path> cached() const {
        return {fs::directory_iterator(folder.at("cache")), fs::directory_iterator()};
    }
    /// Opens a backend of its own with the same settings.
    Seen open_again() {
        Harness again(PLUGIN_FILE);
        again.set("rules", folder.at("rules")).set("cache_dir", folder.at("cache"));
        const Seen seen = again.open();
        EXPECT_EQ(again.scan("aaa").verdict, ME_MALICIOUS);
        return seen;
    }
    std::string broken;
};

TEST_F(YaraCache, ASecondStartReadsItAndStillNamesTheBrokenFiles) {
    const Seen first = harness.open();
    ASSERT_EQ(cached().size(), 1U);
    struct stat info{};
    ASSERT_EQ(stat(cached()[0].c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777U, 0600U);
    ASSERT_EQ(stat(folder.at("cache").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777U, 0700U);
    EXPECT_EQ(open_again().log, first.log);
    EXPECT_EQ(cached().size(), 1U);
}

TEST_F(YaraCache, AChangedFileIsAnotherEntryAndAnotherVersion) {
    harness.open();
    folder.write("rules/a.yar", rule("a", "aaa") + rule("more", "bbb"));
    EXPECT_THAT(open_again().log, Contains(HasSubstr("2 rules")));
    EXPECT_EQ(cached().size(), 2U);
}

TEST_F(YaraCache, AChangedIncludeIsAnotherEntry) {
    folder.write("rules/c.yar", "include \"c.inc\"");
    folder.write("rules/c.inc", rule("c", "ccc"));
    harness.open();
    const std::string version = harness.signatures()->version;
    folder.write("rules/c.inc", rule("c", "ddd"));
    Harness again(PLUGIN_FILE);
    again.set("rules", folder.at("rules")).set("cache_dir", folder.at("cache"));
    EXPECT_EQ(again.scan("ddd").verdict, ME_MALICIOUS);
    EXPECT_NE(again.signatures()->version, version);
}

TEST_F(YaraCache, ADamagedEntryIsCompiledAnew) {
    harness.open();
    const fs::path entry = cached().at(0);
    const auto size = fs::file_size(entry);
    std::fstream(entry, std::ios::in | std::ios::out | std::ios::binary)
            .seekp(static_cast<std::streamoff>(size / 2))
        << "damage";
    EXPECT_EQ(open_again().status, ME_OK);
    fs::resize_file(entry, size - 1);
    EXPECT_EQ(open_again().status, ME_OK);
    fs::resize_file(entry, 0);
    EXPECT_EQ(open_again().status, ME_OK);
    EXPECT_EQ(fs::file_size(entry), size);
}

TEST_F(YaraCache, ADirectoryThatOthersMayUseIsNotUsed) {
    fs::create_directory(folder.at("cache"));
    fs::permissions(folder.at("cache"), fs::perms::all & ~fs::perms::others_write);
    const Seen seen = harness.open();
    EXPECT_EQ(seen.status, ME_OK);
    EXPECT_THAT(seen.log, Contains(HasSubstr("others may use it, mode 0775")));
    EXPECT_TRUE(cached().empty());
}

TEST_F(YaraCache, ALinkToADirectoryIsNotFollowed) {
    fs::create_directory(folder.at("target"));
    fs::permissions(folder.at("target"), fs::perms::owner_all);
    fs::create_symlink("target", folder.at("cache"));
    EXPECT_EQ(harness.open().status, ME_OK);
    EXPECT_TRUE(fs::is_empty(folder.at("target")));
}

TEST_F(YaraCache, OldEntriesGo) {
    for (int i = 0; i < 12; ++i) {
        folder.write("rules/a.yar", rule("a", "aaa" + std::to_string(i)));
        Harness again(PLUGIN_FILE);
        again.set("rules", folder.at("rules")).set("cache_dir", folder.at("cache"));
        ASSERT_EQ(again.open().status, ME_OK);
    }
    EXPECT_EQ(cached().size(), 8U);
}

}   // namespace
}   // namespace microengine::yara
