// SPDX-License-Identifier: MIT
#pragma once
// The block behind --explain: the sentence, a table of what every backend said, the artifact, and what would
// change the verdict.

#include "host/core/report.hpp"
#include "host/report/style.hpp"

#include <string>

namespace microengine::report {

/// Ends with a line feed.
[[nodiscard]] std::string explain(const core::Report& report, const Style& style);

}   // namespace microengine::report
