// SPDX-License-Identifier: MIT
#pragma once
// The verdict cache of this process: bounded, the longest unused goes first.

#include "host/core/verdict_cache.hpp"
#include "host/util/mutex.hpp"

#include <cstddef>
#include <cstring>
#include <list>
#include <memory>
#include <unordered_map>

namespace microengine::cache {

class MemoryCache : public core::VerdictCache {
public:
    /// `capacity` in bytes, as near as texts and containers tell. `behind` is asked for what is not here and
    /// keeps what is kept here; may be null.
    explicit MemoryCache(std::size_t capacity, std::unique_ptr<core::VerdictCache> behind = nullptr);

    [[nodiscard]] std::optional<core::ScanResult> find(const core::CacheKey& key) override;
    void keep(const core::CacheKey& key, const core::ScanResult& result) override;

private:
    struct Entry {
        core::CacheKey key;
        core::ScanResult result;
        std::size_t bytes = 0;
    };
    struct Hash {
        std::size_t operator()(const core::CacheKey& key) const {
            // Both are digests already; the artifact's beginning is as good a hash as any.
            std::size_t a = 0, b = 0;
            std::memcpy(&a, key.artifact.data(), sizeof a);
            std::memcpy(&b, key.backend.data(), sizeof b);
            return a ^ b;
        }
    };
    void insert(const core::CacheKey& key, const core::ScanResult& result);

    const std::size_t capacity_;
    std::unique_ptr<core::VerdictCache> behind_;
    util::Mutex mutex_;
    std::size_t bytes_ ME_GUARDED_BY(mutex_) = 0;
    std::list<Entry> by_use_ ME_GUARDED_BY(mutex_);   // the last used first
    std::unordered_map<core::CacheKey, std::list<Entry>::iterator, Hash> by_key_ ME_GUARDED_BY(mutex_);
};

}   // namespace microengine::cache
