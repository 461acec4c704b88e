// SPDX-License-Identifier: MIT
#include "host/frontends/http/jobs.hpp"

#include "host/util/random_id.hpp"

#include <utility>

namespace microengine::http {

std::optional<std::string> JobStore::add(std::string owner, std::size_t artifacts, Time now) {
    forget_old(now);
    if (jobs_.size() >= limits_.jobs) {
        if (done_.empty()) return std::nullopt;
        forget_first();
    }
    std::string id = util::random_id();
    jobs_.emplace(id, Job{.owner = std::move(owner), .artifacts = artifacts, .done = false, .reports = {}});
    return id;
}

void JobStore::finish(const std::string& id, std::vector<std::string> reports, Time now) {
    const auto found = jobs_.find(id);
    if (found == jobs_.end()) return;
    for (const std::string& report : reports) text_ += report.size();
    found->second.done = true;
    found->second.reports = std::move(reports);
    done_.push_back({.id = id, .when = now});
    forget_old(now);
    while (text_ > limits_.text_bytes) forget_first();
}

void JobStore::drop(const std::string& id) { jobs_.erase(id); }

const JobStore::Job* JobStore::find(std::string_view id, std::string_view owner, Time now) {
    forget_old(now);
    const auto found = jobs_.find(id);
    return found == jobs_.end() || found->second.owner != owner ? nullptr : &found->second;
}

void JobStore::forget_old(Time now) {
    while (!done_.empty() && now - done_.front().when >= limits_.ttl) forget_first();
}

void JobStore::forget_first() {
    const auto found = jobs_.find(done_.front().id);
    for (const std::string& report : found->second.reports) text_ -= report.size();
    jobs_.erase(found);
    done_.pop_front();
}

}   // namespace microengine::http
