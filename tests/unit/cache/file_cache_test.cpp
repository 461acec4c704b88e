// SPDX-License-Identifier: MIT
#include "host/cache/file_cache.hpp"

#include "host/cache/stored_result.hpp"
#include "tests/support/process.hpp"
#include "tests/support/sqlite.hpp"

#include <gmock/gmock.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#include <fstream>
#include <functional>

namespace microengine::cache {
namespace {

namespace fs = std::filesystem;

core::CacheKey key(int number) {
    core::CacheKey key;
    key.artifact[0] = static_cast<std::uint8_t>(number);
    key.artifact[1] = static_cast<std::uint8_t>(number >> 8);
    return key;
}
core::ScanResult benign() {
    core::ScanResult result;
    result.outcome = core::Outcome::completed;
    result.verdict = core::Verdict::benign;
    result.bytes_scanned = 77;
    return result;
}
core::ScanResult malicious() {
    core::ScanResult result = benign();
    result.verdict = core::Verdict::malicious;
    result.confidence = 9'000;
    result.detections.push_back({.name = "Bad.One",
                                 .family = "Bad",
                                 .name_space = "rules.yar",
                                 .verdict = core::Verdict::malicious,
                                 .confidence = 9'000,
                                 .tags = {"tag"},
                                 .offset = 3,
                                 .length = 4,
                                 .detail = R"({"author":"me"})"});
    return result;
}

using support::Process;
using support::Sqlite;

struct FileCacheTest : testing::Test {
    FileCacheTest() {
        std::string pattern = (fs::temp_directory_path() / "me-cache-XXXXXX").string();
        root = ::mkdtemp(pattern.data());
    }
    ~FileCacheTest() override {
        std::error_code ignored;
        fs::remove_all(root, ignored);
    }
    FileCacheTest(const FileCacheTest&) = delete;
    FileCacheTest& operator=(const FileCacheTest&) = delete;
    [[nodiscard]] std::unique_ptr<FileCache> open(std::uint64_t most_bytes = std::uint64_t{1} << 30) const {
        auto opened = FileCache::open({.directory = root / "cache", .most_bytes = most_bytes});
        EXPECT_TRUE(opened) << opened.error().text();
        return opened ? *std::move(opened) : nullptr;
    }
    [[nodiscard]] fs::path file() const { return root / "cache" / "verdicts.sqlite"; }
    fs::path root;
};

TEST_F(FileCacheTest, TheNextProcessFindsWhatThisOneKept) {
    open()->keep(key(1), malicious());
    const auto found = open()->find(key(1));
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->cached);
    EXPECT_EQ(found->verdict, core::Verdict::malicious);
    EXPECT_EQ(found->confidence, 9'000);
    EXPECT_EQ(found->bytes_scanned, 77U);
    ASSERT_EQ(found->detections.size(), 1U);
    const core::Detection& bad = found->detections[0];
    EXPECT_EQ(bad.name, "Bad.One");
    EXPECT_EQ(bad.tags, std::vector<std::string>{"tag"});
    EXPECT_EQ(bad.detail, R"({"author":"me"})");
    EXPECT_FALSE(open()->find(key(2)));
}

TEST_F(FileCacheTest, IsForItsOwnerAlone) {
    open()->keep(key(1), benign());
    EXPECT_EQ(fs::status(file()).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_EQ(fs::status(root / "cache").permissions(), fs::perms::owner_all);
    fs::permissions(file(), fs::perms::others_write, fs::perm_options::add);
    const auto refused = FileCache::open({.directory = root / "cache"});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, testing::HasSubstr("others may write to it"));
}

TEST_F(FileCacheTest, ALinkIsNotFollowed) {
    fs::create_directory(root / "elsewhere");
    fs::permissions(root / "elsewhere", fs::perms::owner_all);
    fs::create_directory_symlink(root / "elsewhere", root / "cache");
    EXPECT_FALSE(FileCache::open({.directory = root / "cache"}));
    EXPECT_TRUE(fs::is_empty(root / "elsewhere"));
}

TEST_F(FileCacheTest, ADamagedFileIsReplaced) {
    open()->keep(key(1), benign());
    std::ofstream(file(), std::ios::binary | std::ios::trunc) << std::string(9000, 'x');
    const auto cache = open();
    EXPECT_FALSE(cache->find(key(1)));
    cache->keep(key(1), benign());
    EXPECT_FALSE(cache->find(key(2)));
}

TEST_F(FileCacheTest, ADamagedPageThatIsFoundLaterCostsThisCacheAndNotTheNext) {
    {
        const auto cache = open();
        for (int i = 0; i < 2000; ++i) cache->keep(key(i), benign());
    }
    {
        constexpr int page = 4096;
        std::fstream raw(file(), std::ios::binary | std::ios::in | std::ios::out);
        const auto size = static_cast<int>(fs::file_size(file()));
        ASSERT_GT(size, 4 * page);
        raw.seekp(2 * page);
        raw << std::string(static_cast<std::size_t>(size - 2 * page), 'x');
    }
    EXPECT_FALSE(open()->find(key(1)));
    open()->keep(key(1), benign());
    EXPECT_TRUE(open()->find(key(1)));
}

TEST_F(FileCacheTest, ADatabaseOfAnotherProgramIsLeftAlone) {
    fs::create_directory(root / "cache");
    fs::permissions(root / "cache", fs::perms::owner_all);
    {
        const Sqlite other(file());
        other.run("CREATE TABLE result (one); INSERT INTO result VALUES ('theirs')");
    }
    fs::permissions(file(), fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_FALSE(FileCache::open({.directory = root / "cache"}));
    EXPECT_EQ(Sqlite(file()).run("SELECT one FROM result"), SQLITE_OK);
}

TEST_F(FileCacheTest, ALinkAboveItsDirectoryIsFollowed) {
    fs::create_directory(root / "home");
    fs::create_directory_symlink(root / "home", root / "link");
    const auto cache = FileCache::open({.directory = root / "link" / "cache"});
    ASSERT_TRUE(cache) << cache.error().text();
    EXPECT_TRUE(fs::exists(root / "home" / "cache" / "verdicts.sqlite"));
}

TEST_F(FileCacheTest, WhatIsNotWrittenYetIsFound) {
    const auto cache = open();
    cache->keep(key(1), malicious());
    const auto found = cache->find(key(1));
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->cached);
}

TEST_F(FileCacheTest, WhileAnotherProcessWritesNothingIsLost) {
    auto cache = open();
    {
        const Sqlite other(file());
        other.run("BEGIN IMMEDIATE");
        for (int i = 0; i < 3000; ++i) cache->keep(key(i), benign());
        EXPECT_TRUE(cache->find(key(0)));
    }
    cache.reset();
    const auto again = open();
    for (int i = 0; i < 3000; ++i) ASSERT_TRUE(again->find(key(i))) << i;
}

TEST_F(FileCacheTest, OpeningItOnceMoreDropsNoLockOfThisProcess) {
    Process other([this](const Process& self) {
        (void)self.hear();
        {
            const Sqlite last(file());   // takes itself for the last one, and tidies up, if it sees no lock
            (void)last.run("SELECT count(*) FROM result");
        }
        self.say(fs::exists(file().string() + "-wal") ? 'y' : 'n');
    });
    const auto cache = open();
    EXPECT_TRUE(open());
    other.say('y');
    EXPECT_EQ(other.hear(), 'y');
}

TEST_F(FileCacheTest, MayBeDeletedWhileItIsUsed) {
    for (const bool all : {true, false}) {
        auto cache = open();
        for (int i = 0; i < 1000; ++i) cache->keep(key(i), benign());
        all ? fs::remove_all(root / "cache") : fs::remove(file());   // else its -wal and -shm are left
        Process other([this](const Process& self) {
            auto fresh = open();
            for (int i = 5000; i < 6000; ++i) fresh->keep(key(i), benign());
            self.say('y');
            (void)self.hear();
            for (int i = 6000; i < 7000; ++i) fresh->keep(key(i), benign());
            fresh.reset();
            self.say('y');
        });
        ASSERT_EQ(other.hear(), 'y');
        for (int i = 1000; i < 2000; ++i) cache->keep(key(i), benign());
        (void)cache->find(key(1));
        cache.reset();
        other.say('y');
        ASSERT_EQ(other.hear(), 'y');
        const auto last = open();
        for (int i = 5000; i < 7000; ++i) ASSERT_TRUE(last->find(key(i))) << i;
        EXPECT_FALSE(last->find(key(1500)));
    }
}

TEST_F(FileCacheTest, TwoMayUseItAtOnce) {
    const auto fill = [this](int from) {
        const auto cache = open();
        for (int i = from; i < from + 2000; ++i) {
            cache->keep(key(i), benign());
            (void)cache->find(key(i / 2));
        }
        return cache != nullptr;
    };
    for (int round = 0; round < 5; ++round) {   // the first opens of a file that is not there, too
        fs::remove_all(root / "cache");
        Process other([&](const Process& self) {
            (void)self.hear();
            self.say(fill(0) ? 'y' : 'n');
        });
        other.say('y');
        EXPECT_TRUE(fill(1000));
        EXPECT_EQ(other.hear(), 'y');
        const auto cache = open();
        for (int i = 0; i < 3000; ++i) ASSERT_TRUE(cache->find(key(i))) << i;
    }
}

TEST_F(FileCacheTest, IsBounded) {
    const std::uint64_t most = 64 << 10;
    for (int round = 0; round < 8; ++round) {
        const auto cache = open(most);
        for (int i = 0; i < 500; ++i) cache->keep(key(1000 * round + i), malicious());
    }
    EXPECT_LT(fs::file_size(file()), 8 * most);
    int left = 0;
    const auto cache = open(most);
    for (int i = 0; i < 8000; ++i) left += cache->find(key(i)).has_value() ? 1 : 0;
    EXPECT_GT(left, 0);
    EXPECT_LT(left, 4000);
}

TEST_F(FileCacheTest, IsBoundedWhileItIsUsed) {
    const std::uint64_t most = 256 << 10;
    const auto cache = open(most);
    for (int i = 0; i < 20'000; ++i) cache->keep(key(i), malicious());
    EXPECT_LT(fs::file_size(file()), 4 * most);   // 20,000 are over 5 MB
    EXPECT_TRUE(cache->find(key(19'999)));
}

TEST(StoredResult, WhatIsCutOffOrChangedIsNone) {
    const std::string bytes = store(key(1), malicious());
    ASSERT_TRUE(restore(key(1), bytes));
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_FALSE(restore(key(1), std::string_view(bytes).substr(0, size))) << size;
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        std::string changed = bytes;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_FALSE(restore(key(1), changed)) << bit;
    }
}

TEST(StoredResult, IsNoneOfAnotherKey) {
    EXPECT_FALSE(restore(key(2), store(key(1), malicious())));
    core::CacheKey other = key(1);
    other.backend[31] = 1;
    EXPECT_FALSE(restore(other, store(key(1), malicious())));
}

TEST(StoredResult, ABenignOneWithAMaliciousDetectionIsNone) {
    core::ScanResult lie = malicious();
    lie.verdict = core::Verdict::benign;
    EXPECT_FALSE(restore(key(1), store(key(1), lie)));
}

}   // namespace
}   // namespace microengine::cache
