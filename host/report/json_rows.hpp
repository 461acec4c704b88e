// SPDX-License-Identifier: MIT
#pragma once
// The rows of a report from JSON; the other half of json_read.cpp and for it alone.

#include "host/core/report.hpp"
#include "host/report/json_fields.hpp"

#include <cstdint>
#include <limits>

namespace microengine::report {

inline constexpr double kMostScore = 1e6;
inline constexpr std::uint64_t kMostMicroseconds = std::numeric_limits<std::uint64_t>::max() / 1000;

/// "results" of the whole report, and what its rows add to the score.
void read_rows(const Fields& in, core::Report& out);

}   // namespace microengine::report
