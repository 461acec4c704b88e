// SPDX-License-Identifier: MIT
#pragma once
// From a matched rule to a detection of the report.

#include <microengine/plugin.hpp>

#include <yara.h>

#include <cstdint>

namespace microengine::yara {

/// What the rule says of its own certainty, in basis points: its metadata `confidence`, if that is a number
/// in 0..100. A `score` is how bad the thing is, not how sure the rule.
[[nodiscard]] std::uint32_t confidence_of(const YR_RULE& rule);

/// Reports the match of one rule. To be called inside libyara's callback, since libyara forgets afterwards
/// where strings matched. False: the host has enough detections.
[[nodiscard]] bool report(Scan& scan, const YR_SCAN_CONTEXT& context, const YR_RULE& rule,
                          std::int32_t verdict);

}   // namespace microengine::yara
