// SPDX-License-Identifier: MIT
#pragma once
// A few threads of one slot that run the parts of one task side by side with it. Threads start when first
// needed.

#include "host/util/mutex.hpp"

#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

namespace microengine::engine {

/// Used by one thread, its slot's.
class Crew {
public:
    Crew() = default;
    ~Crew();
    Crew(const Crew&) = delete;
    Crew& operator=(const Crew&) = delete;

    /// Calls part(0) … part(count-1), each once, part(0) on the calling thread; returns when all have
    /// returned.
    void run(std::size_t count, const std::function<void(std::size_t)>& part);

private:
    void work(std::size_t index);
    /// Starts what is missing for count parts; how many threads there are.
    std::size_t start_threads(std::size_t count);

    util::Mutex mutex_;
    util::Condition go_;
    util::Condition finished_;
    const std::function<void(std::size_t)>* part_ ME_GUARDED_BY(mutex_) = nullptr;
    std::size_t count_ ME_GUARDED_BY(mutex_) = 0;
    std::size_t round_ ME_GUARDED_BY(mutex_) = 0;   // a thread works once a round
    std::size_t open_ ME_GUARDED_BY(mutex_) = 0;    // parts not yet returned
    bool ending_ ME_GUARDED_BY(mutex_) = false;
    std::vector<std::jthread> threads_;   // last: they end before what they use
};

}   // namespace microengine::engine
