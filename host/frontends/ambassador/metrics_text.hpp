// SPDX-License-Identifier: MIT
#pragma once
// Prometheus' text format 0.0.4, as much of it as is looked at. Pure; any thread.

#include <map>
#include <string>
#include <string_view>

namespace microengine::ambassador {

/// Of each metric the sum over its labels.
using Sums = std::map<std::string, double, std::less<>>;
[[nodiscard]] Sums sums_of(std::string_view text);
/// "12": counters are whole.
[[nodiscard]] std::string text_of(double count);

}   // namespace microengine::ambassador
