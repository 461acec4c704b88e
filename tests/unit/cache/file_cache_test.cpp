// SPDX-License-Identifier: MIT
#include "host/cache/file_cache.hpp"

#include "host/cache/stored_result.hpp"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <fstream>
#include <thread>

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

TEST_F(FileCacheTest, MayBeDeletedWhileItIsUsed) {
    const auto cache = open();
    cache->keep(key(1), benign());
    fs::remove_all(root / "cache");
    for (int i = 0; i < 2000; ++i) cache->keep(key(i), benign());
    (void)cache->find(key(1));
    EXPECT_TRUE(open());
}

TEST_F(FileCacheTest, TwoMayUseItAtOnce) {
    {
        const auto one = open(), two = open();
        const auto fill = [](FileCache& cache, int from) {
            for (int i = from; i < from + 2000; ++i) {
                cache.keep(key(i), benign());
                (void)cache.find(key(i / 2));
            }
        };
        const std::jthread first(fill, std::ref(*one), 0), second(fill, std::ref(*two), 1000);
    }
    const auto cache = open();
    for (int i = 0; i < 3000; ++i) ASSERT_TRUE(cache->find(key(i))) << i;
}

TEST_F(FileCacheTest, IsBounded) {
    const std::uint64_t most = 64 << 10;
    for (int round = 0; round < 8; ++round) {
        const auto cache = open(most);
        for (int i = 0; i < 500; ++i) cache->keep(key(1000 * round + i), malicious());
    }
    EXPECT_LT(fs::file_size(file()), 12 * most);
    int left = 0;
    const auto cache = open(most);
    for (int i = 0; i < 8000; ++i) left += cache->find(key(i)).has_value() ? 1 : 0;
    EXPECT_GT(left, 0);
    EXPECT_LT(left, 4000);
}

TEST(StoredResult, WhatIsCutOffIsNoneAndWhatIsChangedIsNoneOrWhole) {
    const std::string bytes = store(malicious());
    ASSERT_TRUE(restore(bytes));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(restore(std::string_view(bytes).substr(0, size))) << size;
    }
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        std::string changed = bytes;
        changed[i] = static_cast<char>(~changed[i]);
        if (const auto read = restore(changed)) {
            EXPECT_TRUE(core::is_cacheable(*read)) << i;
        }
    }
}

TEST(StoredResult, ABenignOneWithAMaliciousDetectionIsNone) {
    core::ScanResult lie = malicious();
    lie.verdict = core::Verdict::benign;
    EXPECT_FALSE(restore(store(lie)));
}

}   // namespace
}   // namespace microengine::cache
