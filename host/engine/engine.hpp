// SPDX-License-Identifier: MIT
#pragma once
// Takes jobs, scans them on its slots, hands back one report each. Every job that was accepted is answered
// exactly once.

#include "host/engine/flights.hpp"
#include "host/engine/generation.hpp"
#include "host/engine/job.hpp"
#include "host/engine/queue.hpp"
#include "host/engine/scan_service.hpp"
#include "host/engine/slot.hpp"
#include "host/util/mutex.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace microengine::engine {

struct EngineSettings {
    std::size_t slots = 1;             ///< artifacts judged at the same time, at least 1
    std::size_t queue_capacity = 64;   ///< jobs that may wait; of one client alone, half as many
    bool paused = false;               ///< jobs only wait, until another engine takes them over
};

/// Any thread.
class Engine {
public:
    Engine(std::shared_ptr<const Generation> generation, EngineSettings settings);
    /// Cancels what still waits or runs, answers it, and ends.
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// Waits for room in the queue. False, and the job untouched, once cancel() was called.
    [[nodiscard]] bool submit(Job&& job);
    /// The same without waiting; unless accepted, the job is untouched. Closed: cancel() was called.
    [[nodiscard]] Offer offer(Job&& job);
    /// Waits until every accepted job has been answered.
    void drain();
    /// No more jobs: those waiting are answered at once, those running soon; their verdict is what is known
    /// by then.
    void cancel();
    /// The jobs that wait there are scanned here. This one has been given none yet.
    void take_over(Engine& paused);
    [[nodiscard]] bool paused() const { return settings_.paused; }
    [[nodiscard]] const std::shared_ptr<const Generation>& generation() const { return generation_; }
    [[nodiscard]] Load load();

private:
    void work(Slot& slot);
    [[nodiscard]] core::Report unscanned(Job& job, core::Reason why, const std::string& message) const;
    [[nodiscard]] core::Report judge(Slot& slot, Job& job, Spread how) const;
    [[nodiscard]] Spread spread() const ME_REQUIRES(mutex_);

    std::shared_ptr<const Generation>
        generation_;   // shared with the slots, and with the next reload's comparison
    EngineSettings settings_;
    Costs costs_;
    Flights flights_;
    std::vector<std::unique_ptr<Slot>> slots_;
    util::Mutex mutex_;
    util::Condition work_came_;
    util::Condition room_came_;
    util::Condition all_answered_;
    std::unique_ptr<JobQueue> queue_
        ME_GUARDED_BY(mutex_);   // never null; another engine's after take_over()
    std::size_t running_ ME_GUARDED_BY(mutex_) = 0;
    bool cancelled_ ME_GUARDED_BY(mutex_) = false;
    bool ending_ ME_GUARDED_BY(mutex_) = false;
    std::vector<std::jthread> threads_;   // last: they end before what they use
};

}   // namespace microengine::engine
