// SPDX-License-Identifier: MIT
#include "host/dispatch/ledger.hpp"

namespace microengine::dispatch {

using util::Lock;

void Ledger::add(const std::string& id, Entry&& entry) {
    const Lock lock(mutex_);
    const auto [by_time, early] = by_time_.emplace(entry.give_up_ns, id);
    try {
        const auto [by_age, first] = by_age_.emplace(entry.taken_ns, id);
        try {
            entries_.try_emplace(id, std::move(entry));
        } catch (...) {
            by_age_.erase(by_age);
            throw;
        }
    } catch (...) {
        by_time_.erase(by_time);
        throw;
    }
}

Entry Ledger::remove(std::map<std::string, Entry>::iterator at) {
    by_time_.erase({at->second.give_up_ns, at->first});
    by_age_.erase({at->second.taken_ns, at->first});
    Entry entry = std::move(at->second);
    entries_.erase(at);
    return entry;
}

std::optional<Entry> Ledger::take(const std::string& id) {
    const Lock lock(mutex_);
    const auto found = entries_.find(id);
    if (found == entries_.end()) return std::nullopt;
    return remove(found);
}

void Ledger::kept(const std::string& id) {
    const Lock lock(mutex_);
    const auto found = entries_.find(id);
    if (found != entries_.end()) std::string().swap(found->second.body);
}

std::vector<Entry> Ledger::take_late(std::uint64_t now_ns) {
    const Lock lock(mutex_);
    std::vector<Entry> late;
    while (!by_time_.empty() && by_time_.begin()->first <= now_ns)
        late.push_back(remove(entries_.find(by_time_.begin()->second)));
    return late;
}

std::vector<Entry> Ledger::take_all() {
    const Lock lock(mutex_);
    std::vector<Entry> all;
    while (!entries_.empty()) all.push_back(remove(entries_.begin()));
    return all;
}

std::optional<std::uint64_t> Ledger::next_ns() const {
    const Lock lock(mutex_);
    if (by_time_.empty()) return std::nullopt;
    return by_time_.begin()->first;
}

std::optional<Ledger::Sending> Ledger::to_send(const std::string& id) const {
    const Lock lock(mutex_);
    const auto found = entries_.find(id);
    if (found == entries_.end() || found->second.body.empty()) return std::nullopt;
    const Entry& entry = found->second;
    return Sending{.urgency = entry.urgency, .body = entry.body, .give_up_ns = entry.give_up_ns};
}

std::optional<bool> Ledger::promised(const std::string& id) const {
    const Lock lock(mutex_);
    const auto found = entries_.find(id);
    if (found == entries_.end()) return std::nullopt;
    return found->second.job.promised;
}

std::vector<std::string> Ledger::unsent() const {
    const Lock lock(mutex_);
    std::vector<std::string> ids;
    for (const auto& [taken, id] : by_age_)
        if (!entries_.find(id)->second.body.empty()) ids.push_back(id);
    return ids;
}

std::size_t Ledger::size() const {
    const Lock lock(mutex_);
    return entries_.size();
}

std::optional<std::uint64_t> Ledger::oldest_ns() const {
    const Lock lock(mutex_);
    if (by_age_.empty()) return std::nullopt;
    return by_age_.begin()->first;
}

}   // namespace microengine::dispatch
