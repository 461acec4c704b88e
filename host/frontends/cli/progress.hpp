// SPDX-License-Identifier: MIT
#pragma once
// The line at the bottom of the terminal: how far, how long still, what was found.

#include "host/core/report.hpp"
#include "host/frontends/cli/console.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

namespace microengine::cli {

/// What there is to do, as far as it is known; counted by another thread while the scan runs.
struct Expected {
    std::atomic<std::uint64_t> artifacts = 0;
    std::atomic<std::uint64_t> bytes = 0;
    std::atomic<bool> complete = false;   ///< counting has ended: a time left can be told
};

/// Any thread. Draws four times a second from a thread of its own, until it ends.
class Progress {
public:
    Progress(Console& console, const Expected& expected);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    void done(const core::Report& report);

private:
    [[nodiscard]] std::string line() const;
    Console& console_;
    const Expected& expected_;
    const std::uint64_t start_ns_;
    std::atomic<std::uint64_t> artifacts_ = 0, bytes_ = 0, finds_ = 0;
    std::mutex mutex_;
    std::condition_variable_any ending_;
    std::jthread thread_;   // last: it ends before what it uses
};

/// A line at the bottom of the terminal while something takes longer than `delay`; gone when this is.
class Waiting {
public:
    Waiting(Console& console, std::string text,
            std::chrono::milliseconds delay = std::chrono::milliseconds(500));
    ~Waiting();
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

private:
    Console& console_;
    std::mutex mutex_;
    std::condition_variable_any ending_;
    std::jthread thread_;   // last: it ends before what it uses
};

/// The share done, of both measures the one further behind, and the time left: pure, for tests.
struct Estimate {
    unsigned percent = 0;
    std::uint64_t left_ns = 0;
};
[[nodiscard]] Estimate estimate(std::uint64_t artifacts, std::uint64_t all_artifacts, std::uint64_t bytes,
                                std::uint64_t all_bytes, std::uint64_t elapsed_ns);

}   // namespace microengine::cli
