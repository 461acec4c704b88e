// SPDX-License-Identifier: MIT
#pragma once
// Starts helper processes, always from one thread that lives as long as the host: the signal that ends a
// helper when its parent dies follows the thread that started it.

#include "host/util/mutex.hpp"
#include "host/util/result.hpp"
#include "host/util/unique_fd.hpp"

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <thread>
#include <utility>

namespace microengine::isolate {

/// A helper process, our child. Ends it with this object, if it has not ended by itself.
class Process {
public:
    Process() = default;
    explicit Process(pid_t pid, util::UniqueFd pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}
    Process(Process&& other) noexcept;
    Process& operator=(Process&& other) noexcept;
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    ~Process();

    [[nodiscard]] pid_t pid() const { return pid_; }
    /// Any thread, also while another waits.
    void kill() const;
    [[nodiscard]] bool ended() const;
    /// Its wait status once it has ended; nothing if it has not by the deadline. One thread at a time.
    [[nodiscard]] std::optional<int> wait(std::uint64_t deadline_ns);

private:
    pid_t pid_ = 0;   // 0: none
    util::UniqueFd pidfd_;
    std::optional<int> status_;
};

/// Any thread.
class Launcher {
public:
    /// `helper` is the program: an absolute path, never looked for.
    explicit Launcher(std::filesystem::path helper);
    ~Launcher();
    Launcher(const Launcher&) = delete;
    Launcher& operator=(const Launcher&) = delete;

    /// Starts the helper with `control` as its descriptor 3, no other descriptor of ours, an environment of a
    /// few harmless variables, default signals and a session of its own. Reason code: spawn_failed.
    [[nodiscard]] util::Result<Process> start(int control);

private:
    void work(const std::stop_token& stop);

    struct Order {
        int control = -1;
        util::Result<Process>* result = nullptr;
    };
    std::filesystem::path helper_;
    util::Mutex turn_;   // one order at a time
    util::Mutex mutex_;
    util::Condition changed_;
    Order order_ ME_GUARDED_BY(mutex_);
    std::jthread thread_;   // last: ends before what it uses
};

}   // namespace microengine::isolate
