// SPDX-License-Identifier: MIT
#pragma once
// Sums over the last hour, day, …: what has been bid, how many bounties were taken. One thread at a time.

#include "host/bounty/wei.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <utility>

namespace microengine::polyswarm {

class Window {
public:
    explicit Window(std::chrono::milliseconds length) : length_ms_(length.count()) {}

    /// Times (Unix ms) may come in any order; those that are over are forgotten.
    void add(std::int64_t at_ms, bounty::Uint128 amount) {
        entries_.emplace_back(at_ms, amount);
        sum_ += amount;
    }
    [[nodiscard]] bounty::Uint128 sum(std::int64_t now_ms) {
        while (!entries_.empty() && entries_.front().first <= now_ms - length_ms_) {
            sum_ -= entries_.front().second;
            entries_.pop_front();
        }
        return sum_;
    }

private:
    std::int64_t length_ms_;
    std::deque<std::pair<std::int64_t, bounty::Uint128>> entries_;   // about in the order of time
    bounty::Uint128 sum_ = 0;
};

}   // namespace microengine::polyswarm
