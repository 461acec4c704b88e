// SPDX-License-Identifier: MIT
#pragma once
// The same artifact twice at the same time: the second waits for the first, and finds its answers remembered.

#include "host/util/digest.hpp"
#include "host/util/mutex.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

namespace microengine::engine {

/// Which artifacts are in somebody's hands now. As many as there are slots, so a list will do. Any thread.
class Flights {
public:
    /// One artifact, until its answers are remembered.
    class Flight {
    public:
        Flight(Flights& flights, const util::Sha256& artifact) : flights_(flights) {
            const util::Lock lock(flights_.mutex_);
            const auto first = std::ranges::find(flights_.in_the_air_, artifact, &Airborne::artifact);
            if (first != flights_.in_the_air_.end()) ahead_ = first->number;
            number_ = ++flights_.started_;
            flights_.in_the_air_.push_back({.artifact = artifact, .number = number_});
        }
        Flight(const Flight&) = delete;
        Flight& operator=(const Flight&) = delete;
        ~Flight() {
            {
                const util::Lock lock(flights_.mutex_);
                flights_.in_the_air_.erase(flights_.find(number_));
            }
            flights_.landed_.notify_all();
        }

        /// Waits for the one that had the same artifact in the air when this one started, if one did; until
        /// `until`, or cancel(), at most. For no other: were its answers not remembered, the rest go
        /// together.
        void wait(std::chrono::steady_clock::time_point until) const {
            if (ahead_ == 0) return;
            util::Lock lock(flights_.mutex_);
            (void)flights_.landed_.wait_until(lock, until, [this]() ME_REQUIRES(flights_.mutex_) {
                return flights_.cancelled_ || flights_.find(ahead_) == flights_.in_the_air_.end();
            });
        }

    private:
        Flights& flights_;
        std::uint64_t number_ = 0;
        std::uint64_t ahead_ = 0;   // 0: nobody
    };

    /// Nobody waits any more.
    void cancel() {
        {
            const util::Lock lock(mutex_);
            cancelled_ = true;
        }
        landed_.notify_all();
    }

private:
    struct Airborne {
        util::Sha256 artifact;
        std::uint64_t number = 0;
    };
    using Air = std::vector<Airborne>;   // the oldest first

    Air::iterator find(std::uint64_t number) ME_REQUIRES(mutex_) {
        return std::ranges::find(in_the_air_, number, &Airborne::number);
    }

    util::Mutex mutex_;
    util::Condition landed_;
    Air in_the_air_ ME_GUARDED_BY(mutex_);
    std::uint64_t started_ ME_GUARDED_BY(mutex_) = 0;
    bool cancelled_ ME_GUARDED_BY(mutex_) = false;
};

}   // namespace microengine::engine
