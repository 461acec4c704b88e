// SPDX-License-Identifier: MIT
#include "host/cache/memory_cache.hpp"

#include <utility>

namespace microengine::cache {

using util::Lock;

namespace {

std::size_t bytes_of(const core::ScanResult& result) {
    constexpr std::size_t containers = 128;   // nodes of list and map
    std::size_t bytes = containers + sizeof(core::CacheKey) * 2 + sizeof result;
    for (const core::Detection& found : result.detections) {
        bytes += sizeof found + found.name.size() + found.family.size() + found.name_space.size() +
                 found.detail.size();
        for (const std::string& tag : found.tags) bytes += sizeof(std::string) + tag.size();
    }
    return bytes;
}

}   // namespace

MemoryCache::MemoryCache(std::size_t capacity, std::unique_ptr<core::VerdictCache> behind)
    : capacity_(capacity), behind_(std::move(behind)) {}

std::optional<core::ScanResult> MemoryCache::find(const core::CacheKey& key) {
    {
        const Lock lock(mutex_);
        if (const auto found = by_key_.find(key); found != by_key_.end()) {
            by_use_.splice(by_use_.begin(), by_use_, found->second);
            return found->second->result;
        }
    }
    if (!behind_) return std::nullopt;
    std::optional<core::ScanResult> found = behind_->find(key);
    if (found) insert(key, *found);
    return found;
}

void MemoryCache::keep(const core::CacheKey& key, const core::ScanResult& result) {
    insert(key, result);
    if (behind_) behind_->keep(key, result);
}

void MemoryCache::insert(const core::CacheKey& key, const core::ScanResult& result) {
    const std::size_t bytes = bytes_of(result);
    if (bytes > capacity_) return;
    std::list<Entry> one;   // spliced in at the end, which cannot fail: an entry is in both or in none
    Entry& entry = one.emplace_back(Entry{.key = key, .result = result, .bytes = bytes});
    entry.result.backend = nullptr;   // it would keep a generation's facts
    entry.result.duration_ns = 0;
    entry.result.cached = true;
    const Lock lock(mutex_);
    if (!by_key_.emplace(key, one.begin()).second) return;
    by_use_.splice(by_use_.begin(), one);
    bytes_ += bytes;
    while (bytes_ > capacity_) {
        bytes_ -= by_use_.back().bytes;
        by_key_.erase(by_use_.back().key);
        by_use_.pop_back();
    }
}

}   // namespace microengine::cache
