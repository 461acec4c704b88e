// SPDX-License-Identifier: MIT
#pragma once
// "Without it, or had it said …, the verdict would be …". Pure; up to 2n judgements: not for the hot path.

#include "host/core/report.hpp"
#include "host/core/scan_result.hpp"

#include <span>
#include <vector>

namespace microengine::combine {

/// First each voter without whom alone the verdict would differ, then each missing backend with what it would
/// have had to say; both in config order. Nothing moves a verdict that a list has fixed.
[[nodiscard]] std::vector<core::Flip> flips(const core::Combined& combined,
                                            std::span<const core::ScanResult> results);

}   // namespace microengine::combine
