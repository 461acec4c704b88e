// SPDX-License-Identifier: MIT
#pragma once
// SIGINT and SIGTERM: the first asks for a clean end, the second ends at once. SIGHUP: a daemon reloads.

#include "host/util/unique_fd.hpp"

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

namespace microengine::app {

/// Made in main before any other thread, so that every thread inherits the blocked signals.
class SignalWatch {
public:
    /// `hangup`: SIGHUP is a request too; otherwise it ends the process, as without us.
    explicit SignalWatch(bool hangup);
    ~SignalWatch();
    SignalWatch(const SignalWatch&) = delete;
    SignalWatch& operator=(const SignalWatch&) = delete;

    /// Starts watching; on_first runs once, on the watching thread. The second signal ends the process with
    /// 128 + its number.
    void start(std::function<void(int signal)> on_first);
    /// What SIGHUP does from now on, on the watching thread; empty: nothing. One call has ended before this
    /// returns.
    void on_hangup(std::function<void()> reload);
    /// As the first SIGTERM, but any number of them is one. Any thread.
    void end();
    /// Stops watching: on_first is not called any more once this returns.
    void stop();
    /// The first signal that came; 0 if none did.
    [[nodiscard]] int caught() const { return caught_; }
    /// Readable from the first signal on: whoever waits for input or a slow reader ends then.
    [[nodiscard]] int stop_fd() const { return stopping_.get(); }

private:
    void watch(const std::function<void(int)>& on_first);
    util::UniqueFd signals_;
    util::UniqueFd stopping_;
    util::UniqueFd ending_;
    std::atomic<int> caught_ = 0;
    std::mutex mutex_;
    std::function<void()> reload_;   // guarded by mutex_
    std::jthread thread_;            // last: it ends before what it uses
};

}   // namespace microengine::app
