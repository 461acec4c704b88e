// SPDX-License-Identifier: MIT
#pragma once
// What a frontend of the daemon sees of scanning: jobs in, one report each out, whichever generation is
// current and wherever the scan runs.

#include "host/engine/generation.hpp"
#include "host/engine/job.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace microengine::engine {

enum class Offer : std::uint8_t {
    accepted,
    full,     ///< the queue, or this client's share of it: the client should try later
    closed,   ///< the service is ending
};

struct Load {
    std::size_t slots = 0;     ///< artifacts that can be judged at the same time
    std::size_t running = 0;   ///< judged now, of older generations too
    std::size_t waiting = 0;
};

/// No backend was asked, because there is no room: the client should try later.
[[nodiscard]] inline bool was_shed(const core::Report& report) {
    return !report.results.empty() && std::ranges::all_of(report.results, [](const core::ScanResult& row) {
        return row.outcome == core::Outcome::skipped && row.reason == core::Reason::overloaded;
    });
}

/// Any thread.
class ScanService {
public:
    ScanService() = default;
    ScanService(const ScanService&) = delete;
    ScanService& operator=(const ScanService&) = delete;
    virtual ~ScanService() = default;
    /// Never waits. Accepted: `done` is called exactly once, on another thread. Else the job is untouched.
    [[nodiscard]] virtual Offer offer(Job&& job) = 0;
    /// The current one; shared with the scans that run on it.
    [[nodiscard]] virtual std::shared_ptr<const Generation> generation() const = 0;
    [[nodiscard]] virtual Load load() const = 0;
    /// False: an offer would be refused, as far as can be told now. For who must promise before it can offer.
    [[nodiscard]] virtual bool accepting() const { return true; }
};

}   // namespace microengine::engine
