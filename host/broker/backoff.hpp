// SPDX-License-Identifier: MIT
#pragma once
// How long to wait before the next try to connect: doubled each time, and never the same for two of us, so
// that a broker which comes back is not overrun.

#include <algorithm>
#include <chrono>
#include <random>

namespace microengine::broker {

/// One thread.
class Backoff {
public:
    /// Between a half and the whole of 250 ms, 500 ms, 1 s, … 15 s.
    [[nodiscard]] std::chrono::milliseconds next() {
        using std::chrono::milliseconds;
        std::uniform_int_distribution<std::int64_t> jitter(most_.count() / 2, most_.count());
        const milliseconds wait(jitter(random_));
        most_ = std::min<milliseconds>(most_ * 2, std::chrono::seconds(15));
        return wait;
    }
    void reset() { most_ = std::chrono::milliseconds(250); }

private:
    std::chrono::milliseconds most_{250};
    std::minstd_rand random_{std::random_device{}()};
};

}   // namespace microengine::broker
