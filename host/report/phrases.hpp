// SPDX-License-Identifier: MIT
#pragma once
// Small parts of a report in words for people. All text is safe to print.

#include "host/core/report.hpp"

#include <string>
#include <vector>

namespace microengine::report {

/// Only voters count: a backend of weight 0 is shown and asked nothing.
[[nodiscard]] bool votes(const core::ScanResult& row);
/// It votes malicious or suspicious.
[[nodiscard]] bool accuses(const core::ScanResult& row);

/// "malicious", "no opinion", "saw only a part: encrypted", "malicious, then timed out: deadline", "skipped:
/// too big".
[[nodiscard]] std::string what_it_said(const core::ScanResult& row);

/// Names of the backends that accuse, in config order.
[[nodiscard]] std::vector<std::string> accusers(const core::Report& report);
/// "vendor_x (timed out)" for each missing vote, in config order.
[[nodiscard]] std::vector<std::string> missing_votes(const core::Report& report);

/// The row that gives the find its name (verdicts.md, section 6): the strongest malicious voter, or if there
/// is none the strongest suspicious one; ties by config order. Null if nobody accuses.
[[nodiscard]] const core::ScanResult* strongest_accuser(const core::Report& report);

/// The name of what was found, as the backend says it: not safe to print. May be empty.
[[nodiscard]] std::string find_name(const core::Report& report);

/// Why the artifact could not be read, without its name in front; may be empty.
[[nodiscard]] std::string error_text(const core::Report& report);

}   // namespace microengine::report
