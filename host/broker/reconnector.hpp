// SPDX-License-Identifier: MIT
#pragma once
// Staying connected: one session after the other, with pauses that grow while there is none, and what the
// rest of the program may know of it.

#include "host/broker/backoff.hpp"
#include "host/util/mutex.hpp"
#include "host/util/result.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

namespace microengine::broker {

class Reconnector {
public:
    struct Steps {
        /// Connects, calls up(), and serves until the connection is lost, which is its error, or it is told
        /// to stop.
        std::function<util::Result<void>(const std::stop_token&)> session;
        std::function<void()> lost;                 ///< after each session, and each that could not begin
        std::function<void(std::uint64_t)> pause;   ///< at most until then, of the monotonic clock
    };
    /// Until it is told to stop. One thread.
    void run(const std::stop_token& stop, const Steps& steps);
    /// That thread: there is a connection.
    void up(const std::string& broker);

    [[nodiscard]] bool connected() const { return connected_; }
    /// Why there is no connection, for people; nothing: there is one. Any thread.
    [[nodiscard]] std::optional<std::string> why_not_ready() const;

private:
    void down(const util::Error& why, std::chrono::milliseconds pause);

    std::atomic<bool> connected_ = false;
    mutable util::Mutex mutex_;
    std::string why_not_ ME_GUARDED_BY(mutex_);
    Backoff backoff_;   // of the thread that holds
};

}   // namespace microengine::broker
