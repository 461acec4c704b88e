// SPDX-License-Identifier: MIT
#include "host/isolate/poison_list.hpp"

#include "host/util/result.hpp"

#include <cstring>

namespace microengine::isolate {

PoisonList::PoisonList(const PoisonSettings& settings) : settings_(settings) {
    util::ensure(settings_.strikes > 0 && settings_.most > 0, "a poison list can list something");
}

/// Any part of a digest is as good as a hash. Someone who picks artifacts for their digests gains one long
/// chain of at most settings_.most entries.
std::size_t PoisonList::Hash::operator()(const util::Sha256& key) const noexcept {
    std::size_t hash = 0;
    std::memcpy(&hash, key.data(), sizeof hash);
    return hash;
}

PoisonList::Entries::iterator PoisonList::find(const util::Sha256& key, std::uint64_t now) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return entries_.end();
    const auto entry = found->second;
    const auto forget_after = static_cast<std::uint64_t>(settings_.forget_after.count());
    if (now > entry->last_strike && now - entry->last_strike >= forget_after) {
        by_key_.erase(found);
        entries_.erase(entry);
        return entries_.end();
    }
    entries_.splice(entries_.begin(), entries_, entry);
    return entry;
}

unsigned PoisonList::strike(const std::optional<util::Sha256>& key, std::uint64_t now) {
    if (!key) return 0;
    if (find(*key, now) == entries_.end()) {
        if (entries_.size() >= settings_.most) {
            by_key_.erase(entries_.back().key);
            entries_.pop_back();
        }
        entries_.push_front({.key = *key});
        by_key_.emplace(*key, entries_.begin());
    }
    Entry& entry = entries_.front();
    entry.last_strike = now;
    return ++entry.strikes;
}

bool PoisonList::listed(const std::optional<util::Sha256>& key, std::uint64_t now) {
    if (!key) return false;
    const auto entry = find(*key, now);
    return entry != entries_.end() && entry->strikes >= settings_.strikes;
}

}   // namespace microengine::isolate
