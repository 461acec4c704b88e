// SPDX-License-Identifier: MIT
#pragma once
// Monotonic time in nanoseconds, the unit and clock of the plugin ABI's deadlines.

#include <chrono>
#include <cstdint>

namespace microengine::util {

/// CLOCK_MONOTONIC, about 26 ns a call.
[[nodiscard]] inline std::uint64_t monotonic_ns() {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                          std::chrono::steady_clock::now().time_since_epoch())
                                          .count());
}

/// The same clock for what waits with the standard library.
[[nodiscard]] inline std::chrono::steady_clock::time_point time_of(std::uint64_t monotonic_ns) {
    return std::chrono::steady_clock::time_point(
        std::chrono::nanoseconds(static_cast<std::int64_t>(monotonic_ns)));
}

}   // namespace microengine::util
