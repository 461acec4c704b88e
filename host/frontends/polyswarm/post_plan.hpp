// SPDX-License-Identifier: MIT
#pragma once
// What follows an attempt to deliver a reply. Pure.

#include "host/fetch/client.hpp"

#include <chrono>
#include <cstdint>

namespace microengine::polyswarm {

enum class After : std::uint8_t { delivered, refused, again, given_up };

struct PostPlan {
    After after = After::again;
    std::chrono::milliseconds wait{0};   ///< before the next attempt, which may come when the deadline does
};

/// `attempts` have been made, the last with this answer; `left` is the time to the deadline, not above 0 once
/// it has passed: then that was the last. `jitter` in -1 to 1 spreads the waits by a fifth.
///
/// 2xx is delivered, and so is 409: it has our bytes already. No answer, 408, 425, 429 and 5xx: again after
/// 200 ms, doubled each time, at most 5 s, or what Retry-After asks for. Everything else is refused.
[[nodiscard]] PostPlan plan_after(std::uint32_t attempts, const fetch::PostAnswer& answer,
                                  std::chrono::milliseconds left, double jitter);

}   // namespace microengine::polyswarm
