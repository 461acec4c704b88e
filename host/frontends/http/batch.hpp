// SPDX-License-Identifier: MIT
#pragma once
// The scans of one request: who waits for them, and what came of each.

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace microengine::http {

/// On the server's thread, but for `gone`.
struct Batch {
    explicit Batch(std::size_t artifacts) : reports(artifacts), left(artifacts) {}
    std::vector<std::string> reports;   ///< JSON, in the order of the artifacts
    std::size_t left;                   ///< that have no report yet
    std::function<void()> finished;     ///< once there is none left
    bool promised = false;              ///< its client has gone, with the number of a job
    bool shed = false;                  ///< one of them was not judged, because there is no room
    std::atomic<bool> gone = false;     ///< nobody waits any more: what has not begun need not. Any thread.
};

}   // namespace microengine::http
