// SPDX-License-Identifier: MIT
#include "host/frontends/polyswarm/rates.hpp"

#include <algorithm>
#include <chrono>

namespace microengine::polyswarm {

Rates::Rates(const bounty::RateLimits& limits) {
    using namespace std::chrono_literals;
    const auto add = [this](std::chrono::milliseconds length, std::uint32_t most) {
        if (most > 0) limits_.push_back({.window = Window(length), .most = most});
    };
    add(1s, limits.per_second);
    add(1min, limits.per_minute);
    add(1h, limits.per_hour);
    add(24h, limits.per_day);
}

void Rates::count(std::int64_t at_ms) {
    for (Limit& limit : limits_) limit.window.add(at_ms, 1);
}

bool Rates::take(std::int64_t now_ms) {
    const bool room = std::ranges::all_of(
        limits_, [now_ms](Limit& limit) { return limit.window.sum(now_ms) < limit.most; });
    if (room) count(now_ms);
    return room;
}

}   // namespace microengine::polyswarm
