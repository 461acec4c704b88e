// SPDX-License-Identifier: MIT
#pragma once
// Threads that help one caller: each part of its work on a thread of its own, at once.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

namespace microengine::engine {

/// Threads are started when they are first needed and then kept; between two runs they look for the next a
/// little while before they sleep. One caller at a time.
class Crew {
public:
    Crew() = default;
    Crew(const Crew&) = delete;
    Crew& operator=(const Crew&) = delete;
    ~Crew();

    /// Calls part(0) on the calling thread and part(1) … part(count - 1) on others; returns when all have.
    /// Where the system has no more threads, the caller does the rest. `part` must not throw.
    void run(std::size_t count, const std::function<void(std::size_t)>& part);

private:
    [[nodiscard]] std::size_t start_threads(std::size_t count);
    void work(std::size_t index);

    // The number of a run and, in the low bits, how many parts it has: one word, because a thread without a
    // part in it must not look at anything else. 0: the end.
    static constexpr std::uint64_t kNext = std::uint64_t{1} << 16;
    std::atomic<std::uint64_t> run_ = kNext;
    const std::function<void(std::size_t)>* part_ = nullptr;   // of the run; for those who have a part in it
    std::atomic<std::size_t> open_ = 0;                        // parts on others that have not returned
    std::vector<std::jthread> threads_;
};

}   // namespace microengine::engine
