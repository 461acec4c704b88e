// SPDX-License-Identifier: MIT
#include "host/engine/queue.hpp"

#include <algorithm>
#include <utility>

namespace microengine::engine {

namespace {

constexpr std::size_t kBulkEvery = 8;

}   // namespace

bool JobQueue::has_room(std::uint64_t client) const {
    if (size_ >= capacity_) return false;
    const auto held = held_by_.find(client);
    if (held == held_by_.end()) return true;
    return held->second < std::max<std::size_t>(1, capacity_ / held_by_.size());
}

void JobQueue::push(Job&& job) {
    Clients& clients = waiting_.at(static_cast<std::size_t>(job.urgency));
    auto client = std::ranges::find(clients, job.client, &Client::id);
    if (client == clients.end()) client = clients.insert(clients.end(), Client{.id = job.client, .jobs = {}});
    ++held_by_[job.client];
    client->jobs.push(std::move(job));
    ++size_;
}

Job JobQueue::pop() {
    auto& [interactive, bulk] = waiting_;
    const bool turn_of_bulk = ++taken_ % kBulkEvery == 0;
    Clients& clients = interactive.empty() || (turn_of_bulk && !bulk.empty()) ? bulk : interactive;
    Client& client = clients.front();
    Job job = std::move(client.jobs.front());
    client.jobs.pop();
    --size_;
    if (--held_by_[job.client] == 0) held_by_.erase(job.client);
    if (client.jobs.empty())
        clients.pop_front();
    else
        clients.splice(clients.end(), clients, clients.begin());
    return job;
}

}   // namespace microengine::engine
