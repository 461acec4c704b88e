// SPDX-License-Identifier: MIT
#include "host/cache/memory_cache.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <new>

namespace {
thread_local int allocations_left = -1;   // -1: no end
}
#ifndef ME_SANITIZED   // the sanitizers have their own
// Never inline: gcc takes a pair of which it sees but one half for a mismatch.
[[gnu::noinline]] void* operator new(std::size_t size) {
    if (allocations_left == 0) throw std::bad_alloc();
    if (allocations_left > 0) --allocations_left;
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }
#endif

namespace microengine::cache {
namespace {

core::CacheKey key(int number) {
    core::CacheKey key;
    key.artifact[0] = static_cast<std::uint8_t>(number);
    key.artifact[1] = static_cast<std::uint8_t>(number >> 8);
    return key;
}
core::ScanResult malicious(std::string name = "Bad") {
    core::ScanResult result;
    result.backend = std::make_shared<core::BackendFacts>();
    result.outcome = core::Outcome::completed;
    result.verdict = core::Verdict::malicious;
    result.detections.emplace_back().name = std::move(name);
    result.duration_ns = 1'000'000;
    return result;
}

struct Behind final : core::VerdictCache {
    explicit Behind(int& count) : asked(count) {}
    std::optional<core::ScanResult> find(const core::CacheKey& key) override {
        ++asked;
        const auto found = kept.find(key.artifact);
        return found == kept.end() ? std::nullopt : std::optional(found->second);
    }
    void keep(const core::CacheKey& key, const core::ScanResult& result) override {
        kept[key.artifact] = result;
    }
    int& asked;
    std::map<util::Sha256, core::ScanResult> kept;
};

TEST(MemoryCache, GivesBackWhatWasKeptAndSaysThatItIsCached) {
    MemoryCache cache(1 << 20);
    EXPECT_FALSE(cache.find(key(1)));
    cache.keep(key(1), malicious());
    const auto found = cache.find(key(1));
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->cached);
    EXPECT_EQ(found->verdict, core::Verdict::malicious);
    EXPECT_EQ(found->detections.at(0).name, "Bad");
    EXPECT_EQ(found->backend, nullptr) << "the facts are the asking generation's";
    EXPECT_EQ(found->duration_ns, 0U);
}

TEST(MemoryCache, AnotherBackendsKeyFindsNothing) {
    MemoryCache cache(1 << 20);
    cache.keep(key(1), malicious());
    core::CacheKey other = key(1);
    other.backend[31] = 1;
    EXPECT_FALSE(cache.find(other));
}

TEST(MemoryCache, IsBoundedAndTheLongestUnusedGoesFirst) {
    MemoryCache cache(16 << 10);
    for (int i = 0; i < 1000; ++i) {
        cache.keep(key(i), malicious());
        (void)cache.find(key(0));   // used again and again
    }
    int left = 0;
    for (int i = 0; i < 1000; ++i) left += cache.find(key(i)).has_value() ? 1 : 0;
    EXPECT_GT(left, 5);
    EXPECT_LT(left, 100);
    EXPECT_TRUE(cache.find(key(0)));
    EXPECT_TRUE(cache.find(key(999)));
    EXPECT_FALSE(cache.find(key(1)));
}

TEST(MemoryCache, WhatIsLargerThanAllOfItIsNotKept) {
    MemoryCache cache(4 << 10);
    cache.keep(key(1), malicious());
    cache.keep(key(2), malicious(std::string(8 << 10, 'x')));
    EXPECT_FALSE(cache.find(key(2)));
    EXPECT_TRUE(cache.find(key(1)));
}

TEST(MemoryCache, WithoutMemoryItKeepsAnEntryWholeOrNotAtAll) {
#ifdef ME_SANITIZED
    GTEST_SKIP() << "memory does not end here";
#endif
    MemoryCache cache(4 << 10);
    const core::ScanResult result = malicious();
    bool kept = false;
    for (int allowed = 0; !kept; ++allowed) {
        allocations_left = allowed;
        try {
            cache.keep(key(allowed), result);
            kept = true;
        } catch (const std::bad_alloc&) {
        }
        allocations_left = -1;
        EXPECT_EQ(cache.find(key(allowed)).has_value(), kept);
    }
    // An entry that nobody finds was not counted when it came, but when it went: from then on too many
    // fitted.
    const auto how_many_fit = [&](MemoryCache& into) {
        for (int i = 1000; i < 2000; ++i) into.keep(key(i), result);
        int fit = 0;
        for (int i = 1000; i < 2000; ++i) fit += into.find(key(i)).has_value() ? 1 : 0;
        return fit;
    };
    MemoryCache fresh(4 << 10);
    EXPECT_EQ(how_many_fit(cache), how_many_fit(fresh));
}

TEST(MemoryCache, AsksTheOneBehindOnceAndTellsItWhatIsNew) {
    int asked = 0;
    auto behind = std::make_unique<Behind>(asked);
    Behind& file = *behind;
    file.kept[key(1).artifact] = malicious();
    MemoryCache cache(1 << 20, std::move(behind));
    EXPECT_TRUE(cache.find(key(1)));
    EXPECT_TRUE(cache.find(key(1)));
    EXPECT_EQ(asked, 1);
    cache.keep(key(2), malicious());
    EXPECT_TRUE(file.kept.contains(key(2).artifact));
}

TEST(IsCacheable, OnlyAWholeAnswer) {
    EXPECT_TRUE(core::is_cacheable(malicious()));
    const auto with = [](auto change) {
        core::ScanResult result = malicious();
        change(result);
        return core::is_cacheable(result);
    };
    for (const core::Outcome outcome :
         {core::Outcome::failed, core::Outcome::crashed, core::Outcome::timed_out, core::Outcome::skipped,
          core::Outcome::unsupported})
        EXPECT_FALSE(with([&](core::ScanResult& r) { r.outcome = outcome; }));
    EXPECT_FALSE(with([](core::ScanResult& r) { r.partial = core::Partial{}; }));
    EXPECT_FALSE(with([](core::ScanResult& r) { r.detections_cut = true; }));
    EXPECT_FALSE(with([](core::ScanResult& r) { r.message = "at the second try; at the first: crashed"; }));
}

}   // namespace
}   // namespace microengine::cache
