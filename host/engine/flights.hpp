// SPDX-License-Identifier: MIT
#pragma once
// The same artifact twice at the same time: the second waits for the first, and finds its answers remembered.

#include "host/util/digest.hpp"
#include "host/util/mutex.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace microengine::engine {

/// Which artifacts are being scanned now. As many as there are slots, so a list will do. Any thread.
class Flights {
public:
    /// One artifact, from before its scan until its answers are remembered.
    class Flight {
    public:
        Flight() = default;
        Flight(Flights& flights, const util::Sha256& artifact) : flights_(&flights), artifact_(artifact) {}
        Flight(Flight&& other) noexcept
            : flights_(std::exchange(other.flights_, nullptr)), artifact_(other.artifact_) {}
        Flight& operator=(Flight&&) = delete;
        Flight(const Flight&) = delete;
        Flight& operator=(const Flight&) = delete;
        ~Flight() {
            if (flights_ != nullptr) flights_->land(artifact_);
        }

    private:
        Flights* flights_ = nullptr;
        util::Sha256 artifact_{};
    };

    /// Waits while another slot scans the same artifact; until `until`, or cancel(), at most.
    template <class Time>
    [[nodiscard]] Flight start(const util::Sha256& artifact, Time until) {
        util::Lock lock(mutex_);
        const auto alone = [&]() ME_REQUIRES(mutex_) {
            return cancelled_ || std::ranges::find(in_the_air_, artifact) == in_the_air_.end();
        };
        (void)landed_.wait_until(lock, until, alone);
        in_the_air_.push_back(artifact);
        return {*this, artifact};
    }
    /// Nobody waits any more.
    void cancel() {
        {
            const util::Lock lock(mutex_);
            cancelled_ = true;
        }
        landed_.notify_all();
    }

private:
    void land(const util::Sha256& artifact) {
        {
            const util::Lock lock(mutex_);
            in_the_air_.erase(std::ranges::find(in_the_air_, artifact));
        }
        landed_.notify_all();
    }

    util::Mutex mutex_;
    util::Condition landed_;
    std::vector<util::Sha256> in_the_air_ ME_GUARDED_BY(mutex_);
    bool cancelled_ ME_GUARDED_BY(mutex_) = false;
};

}   // namespace microengine::engine
