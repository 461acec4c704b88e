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

    /// Is there room for one more of this client and urgency? Whoever waits here holds a share of the queue
    /// at most, and one share is left for who comes next: nobody who sends without end keeps another out.
    [[nodiscard]] bool has_room(std::uint64_t client, Urgency urgency) const;
    /// Where memory ends it throws, and the job is untouched.
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
    using Clients = std::list<Client>;
    struct Line {
        Clients clients;   // whose turn it is first
        /// Into the list; its end where none of this client's wait.
        std::unordered_map<std::uint64_t, Clients::iterator> client_of;
    };

    std::size_t capacity_;
    std::size_t size_ = 0;
    std::size_t taken_ = 0;
    std::array<Line, 2> lines_;   // by urgency
};

}   // namespace microengine::engine
