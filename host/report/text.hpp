// SPDX-License-Identifier: MIT
#pragma once
// What a person reads of one artifact: the verdict, the name, and why in few words.

#include "host/core/report.hpp"
#include "host/report/style.hpp"

#include <string>

namespace microengine::report {

/// "malicious   eicar.com   Eicar-Test-Signature (clamav and yara)", without a line feed at the end. One
/// line; a reason that does not fit into style.width stands below, indented.
[[nodiscard]] std::string to_text(const core::Report& report, const Style& style);

}   // namespace microengine::report
