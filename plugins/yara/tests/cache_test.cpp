// SPDX-License-Identifier: MIT
// What the backend keeps on disk.

#include "plugins/yara/surroundings.hpp"
#include "plugins/yara/tests/loading.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace microengine::yara {
namespace {

using support::Harness;
using support::Seen;
using testing::Contains;
using testing::HasSubstr;
namespace fs = std::filesystem;

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

/// What the log says of the cache.
std::vector<std::string> cache_lines(const Seen& seen) {
    std::vector<std::string> lines;
    for (const std::string& line : seen.log)
        if (line.contains("compiled rules")) lines.push_back(line);
    return lines;
}

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

TEST_F(YaraCache, WhereAnIncludeLeadsIsPartOfTheEntryAndTheVersion) {
    folder.write("rules/x/c.yar", "include \"link\"");
    folder.write("rules/y/c.yar", "include \"link\"");
    folder.write("rules/1.inc", rule("one", "111"));
    folder.write("rules/2.inc", rule("two", "222"));
    const auto open_linked = [&](const char* x, const char* y) {
        for (const auto& [link, to] : {std::pair{"rules/x/link", x}, std::pair{"rules/y/link", y}}) {
            fs::remove(folder.at(link));
            fs::create_symlink(to, folder.at(link));
        }
        Harness one(PLUGIN_FILE);
        one.set("rules", folder.at("rules")).set("cache_dir", folder.at("cache"));
        const Seen seen = one.scan("111");
        const std::string space = seen.detections.empty() ? "" : seen.detections[0].name_space;
        return std::pair{space, std::string(one.signatures()->version)};
    };
    const auto [first, first_version] = open_linked("../1.inc", "../2.inc");
    const auto [second, second_version] = open_linked("../2.inc", "../1.inc");
    EXPECT_EQ(first, "x/c.yar");
    EXPECT_EQ(second, "y/c.yar");
    EXPECT_NE(first_version, second_version);
    EXPECT_EQ(open_linked("../1.inc", "../2.inc").second, first_version);
}

TEST_F(YaraCache, RulesThatLookAtTheClockHaveFleetingAnswers) {
    const auto flags = [&](const std::string& cache_dir) {
        Harness one(PLUGIN_FILE);
        one.set("rules", folder.at("rules")).set("cache_dir", cache_dir);
        EXPECT_EQ(one.open().status, ME_OK);
        return one.signatures()->flags;
    };
    const std::string cache = folder.at("cache");
    folder.write("rules/m.yar", "import \"math\"\n" + rule("m", "mmm"));
    EXPECT_EQ(flags(cache), 0U);
    folder.write("rules/c.yar", "include \"c.inc\"");
    folder.write("rules/c.inc", "import \"time\"\nrule c { condition: time.now() > 3 }");
    EXPECT_EQ(flags(cache), ME_SIGNATURES_FLEETING);
    EXPECT_EQ(flags(cache), ME_SIGNATURES_FLEETING) << "from the cache";
}

/// As `readelf -n` shows it: 20 bytes where the linker makes a SHA-1, never that of somebody else.
TEST_F(YaraCache, AnotherBuildOfLibyaraOrThePluginIsKnownByItsBuildId) {
    EXPECT_THAT(libyara_build().size(), testing::Ge(8U));
    EXPECT_THAT(plugin_build().size(), testing::Ge(8U));
    EXPECT_NE(libyara_build(), plugin_build());
    EXPECT_EQ(libyara_build(), libyara_build());
}

TEST_F(YaraCache, TheVersionDoesNotHangOnWhereTheFilesLie) {
    const auto version_in = [&](const std::string& rules) {
        folder.write(rules + "/c.yar", "include \"c.inc\"");
        folder.write(rules + "/c.inc", rule("c", "ccc"));
        Harness one(PLUGIN_FILE);
        one.set("rules", folder.at(rules)).set("cache_dir", std::string("off"));
        EXPECT_EQ(one.open().status, ME_OK);
        return std::string(one.signatures()->version);
    };
    EXPECT_EQ(version_in("here"), version_in("there/deeper"));
}

TEST_F(YaraCache, ALeftoverOfTheSameProcessIdIsInNobodysWay) {
    harness.open();
    const fs::path entry = cached().at(0);
    fs::remove(entry);
    const auto leftover = entry.string() + "." + std::to_string(getpid()) + ".new";
    const auto old = entry.string() + ".12.new";
    for (const auto& file : {leftover, old}) std::ofstream(file) << "begun";
    fs::last_write_time(old, fs::file_time_type::clock::now() - std::chrono::hours(2));
    EXPECT_EQ(open_again().status, ME_OK);
    EXPECT_THAT(cached(), testing::UnorderedElementsAre(entry, fs::path(leftover)));
}

TEST_F(YaraCache, AnEntryOfAnAbsurdSizeIsCompiledAnew) {
    harness.open();
    const fs::path entry = cached().at(0);
    const auto size = fs::file_size(entry);
    std::error_code error;
    fs::resize_file(entry, std::uintmax_t{1} << 42U, error);
    if (error) fs::resize_file(entry, (std::uintmax_t{1} << 30U) + 1);
    EXPECT_EQ(open_again().status, ME_OK);
    EXPECT_EQ(fs::file_size(entry), size);
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

TEST_F(YaraCache, ADirectoryThatCannotBeMadeIsNamedOnce) {
    const auto file = folder.write("file", "no directory");
    harness.set("cache_dir", file + "/microengine/yara");
    const Seen seen = harness.open();
    EXPECT_EQ(seen.status, ME_OK);
    EXPECT_EQ(cache_lines(seen),
              std::vector{"compiled rules are not kept in " + file +
                          "/microengine/yara, every start compiles them anew: Not a directory"});
}

TEST(YaraCacheOfAnother, ADirectoryThatCannotBeWrittenIsNamedOnce) {
    Harness one(PLUGIN_FILE);   // while it may be read: the build may lie in root's home
    const Unprivileged unprivileged;
    const Folder own;
    own.write("rules/a.yar", rule("a", "aaa"));
    fs::create_directory(own.at("cache"));
    fs::permissions(own.at("cache"), fs::perms::owner_read | fs::perms::owner_exec);
    one.set("rules", own.at("rules")).set("cache_dir", own.at("cache"));
    const Seen seen = one.open();
    EXPECT_EQ(seen.status, ME_OK);
    EXPECT_EQ(cache_lines(seen), std::vector{"compiled rules are not kept in " + own.at("cache") +
                                             ", every start compiles them anew: Permission denied"});
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
