// SPDX-License-Identifier: MIT
#pragma once
// The one sentence that a person reads: who decided, by which rule, what is missing and whether it matters.
// Pure; only for those who will show it.

#include "host/core/report.hpp"
#include "host/core/scan_result.hpp"

#include <span>
#include <string>
#include <string_view>

namespace microengine::combine {

/// For `combined` as combine() made it of these results. `artifact_type` names what no backend supports,
/// where that is the matter: "application/x-foo", "url"; it may be empty.
[[nodiscard]] std::string explain(const core::Combined& combined, std::span<const core::ScanResult> results,
                                  std::string_view artifact_type);

}   // namespace microengine::combine
