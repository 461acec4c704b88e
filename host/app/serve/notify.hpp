// SPDX-License-Identifier: MIT
#pragma once
// Word to the service manager: sd_notify(3), a datagram to the socket that NOTIFY_SOCKET names.

#include "host/util/unique_fd.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace microengine::app {

/// Any thread; without a manager it does nothing.
class Notifier {
public:
    /// From NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, which it removes: children must not see them. Main
    /// thread.
    Notifier();
    /// "READY=1", lines separated by line feeds. That it cannot be sent is nobody's error.
    void tell(std::string_view state) const;
    /// How often the manager wants to hear "WATCHDOG=1" at least.
    [[nodiscard]] std::optional<std::chrono::microseconds> watchdog() const { return watchdog_; }

private:
    std::string address_;   // of a Unix socket, as it stands in a sockaddr_un; empty: none
    util::UniqueFd socket_;
    std::optional<std::chrono::microseconds> watchdog_;
};

}   // namespace microengine::app
