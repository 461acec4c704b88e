// SPDX-License-Identifier: MIT
#pragma once
// The jobs that wait: bounded, interactive ones before bulk, clients in turn.

#include "host/engine/job.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <queue>
#include <unordered_map>

namespace microengine::engine {

/// One thread at a time.
class JobQueue {
public:
    explicit JobQueue(std::size_t capacity) : capacity_(capacity) {}

    /// Is there room for one more of this client? When several have jobs here, each may hold its share of the
    /// queue only, so that one that sends without end keeps nobody out.
    [[nodiscard]] bool has_room(std::uint64_t client) const;
    void push(Job&& job);
    /// The next one to scan; not of an empty queue. Of eight, one is bulk if there is any, so that it gets on
    /// while interactive ones never end.
    [[nodiscard]] Job pop();
    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] std::size_t size() const { return size_; }

private:
    struct Client {
        std::uint64_t id = 0;
        std::queue<Job> jobs;   // never empty
    };
    using Clients = std::list<Client>;   // whose turn it is first

    std::size_t capacity_;
    std::size_t size_ = 0;
    std::size_t taken_ = 0;
    std::array<Clients, 2> waiting_;                           // by urgency
    std::unordered_map<std::uint64_t, std::size_t> held_by_;   // how many each client has here
};

}   // namespace microengine::engine
