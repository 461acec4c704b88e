// SPDX-License-Identifier: MIT
#include "host/engine/queue.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace microengine::engine {

namespace {

constexpr std::size_t kBulkEvery = 8;

}   // namespace

bool JobQueue::has_room(std::uint64_t client, Urgency urgency) const {
    if (size_ >= capacity_) return false;
    const Line& line = lines_.at(static_cast<std::size_t>(urgency));
    const auto found = line.client_of.find(client);
    if (found == line.client_of.end() || found->second == line.clients.end()) return true;
    const std::size_t shares = lines_[0].clients.size() + lines_[1].clients.size() + 1;
    return found->second->jobs.size() < std::max<std::size_t>(1, capacity_ / shares);
}

void JobQueue::push(Job&& job) {
    auto& [clients, client_of] = lines_.at(static_cast<std::size_t>(job.urgency));
    Clients::iterator& client = client_of.try_emplace(job.client, clients.end()).first->second;
    if (client == clients.end()) {
        Clients fresh(1);
        fresh.front().id = job.client;
        fresh.front().jobs.push(std::move(job));
        clients.splice(clients.end(), fresh);
        client = std::prev(clients.end());
    } else {
        client->jobs.push(std::move(job));
    }
    ++size_;
}

Job JobQueue::pop() {
    auto& [interactive, bulk] = lines_;
    const bool turn_of_bulk = ++taken_ % kBulkEvery == 0;
    auto& [clients, client_of] =
        interactive.clients.empty() || (turn_of_bulk && !bulk.clients.empty()) ? bulk : interactive;
    Client& client = clients.front();
    Job job = std::move(client.jobs.front());
    client.jobs.pop();
    --size_;
    if (client.jobs.empty()) {
        client_of.erase(client.id);
        clients.pop_front();
    } else {
        clients.splice(clients.end(), clients, clients.begin());
    }
    return job;
}

}   // namespace microengine::engine
