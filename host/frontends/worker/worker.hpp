// SPDX-License-Identifier: MIT
#pragma once
// A worker of the queue: jobs in from the broker, results out. A job is acknowledged when its result has been
// confirmed, so that a worker which ends, however it ends, loses none: the broker gives it to the next one.

#include "host/core/queue_settings.hpp"
#include "host/engine/scan_service.hpp"
#include "host/intake/spool.hpp"
#include "host/util/result.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace microengine::worker {

class Worker {
public:
    /// What it is given; all of it outlives it.
    struct Parts {
        core::QueueSettings settings;
        engine::ScanService& service;
        std::size_t slots = 1;                     ///< artifacts that are judged at the same time
        std::shared_ptr<intake::SpoolRoom> room;   ///< for what is fetched
    };
    /// Reads the credentials; connects on a thread of its own, again and again. Throws where none can be
    /// started.
    [[nodiscard]] static util::Result<std::unique_ptr<Worker>> start(Parts parts);
    /// What is not acknowledged is given to other workers. The service has reported on every scan.
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    /// No more jobs are taken. Any thread.
    void stop_accepting();
    /// Waits until the results of all jobs taken are confirmed, or that time has come. True: they are.
    bool drain(std::chrono::steady_clock::time_point until);
    /// Why it gets no jobs; nothing: it does. Any thread.
    [[nodiscard]] std::optional<std::string> why_not_ready() const;

private:
    struct Impl;
    explicit Worker(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}   // namespace microengine::worker
