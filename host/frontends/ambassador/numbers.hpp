// SPDX-License-Identifier: MIT
#pragma once
// Numbers of many. Pure; any thread.

#include <chrono>
#include <vector>

namespace microengine::ambassador {

/// The nearest rank: as many percent of the values are at most this. 0 of none.
[[nodiscard]] std::chrono::milliseconds percentile(std::vector<std::chrono::milliseconds> values,
                                                   unsigned percent);

}   // namespace microengine::ambassador
