// SPDX-License-Identifier: MIT
#pragma once
// How the time of a bounty is divided. Pure.

#include <algorithm>
#include <chrono>

namespace microengine::polyswarm {

using std::chrono::milliseconds;

struct Timing {
    milliseconds left{0};          ///< until it expires; not above 0: it has
    milliseconds until_fixed{0};   ///< until its reply is fixed at the latest
};

/// The rest is for posting: `reserve`, or of 15 s or less in all a fifth, at least 300 ms.
[[nodiscard]] constexpr Timing timing_of(milliseconds left, milliseconds reserve) {
    if (left <= milliseconds(0)) return {.left = left, .until_fixed = milliseconds(0)};
    if (left <= milliseconds(15'000)) reserve = std::min(reserve, std::max(left / 5, milliseconds(300)));
    return {.left = left, .until_fixed = std::max(left - reserve, left / 4)};
}

/// How long after that time the engine may still answer with what it has.
[[nodiscard]] constexpr std::chrono::nanoseconds grace_of(std::chrono::nanoseconds reserve) {
    return std::clamp<std::chrono::nanoseconds>(reserve / 4, milliseconds(50), milliseconds(500));
}

/// For fetching: half a second before the reply must be fixed is for scanning, of less than a second half.
[[nodiscard]] constexpr std::chrono::nanoseconds fetch_time(std::chrono::nanoseconds until_fixed,
                                                            std::chrono::nanoseconds most) {
    const auto before = std::max<std::chrono::nanoseconds>(until_fixed - milliseconds(500), until_fixed / 2);
    return std::min(before, most);
}

}   // namespace microengine::polyswarm
