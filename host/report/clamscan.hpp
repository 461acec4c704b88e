// SPDX-License-Identifier: MIT
#pragma once
// clamscan's lines, so that scripts that read them go on working. Unknown is never OK.

#include "host/core/report.hpp"
#include "host/report/tally.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace microengine::report {

/// "path: NAME FOUND", "path: OK" or "path: reason ERROR", without a line feed at the end. A path that could
/// break or forge a line is shown escaped.
[[nodiscard]] std::string clamscan_line(const core::Report& report);
/// The same for what gave no artifact: an unreadable directory, say.
[[nodiscard]] std::string clamscan_error(std::string_view path);

struct ClamscanRun {
    std::string_view version;   ///< of the engine
    std::uint64_t directories = 0;
    std::chrono::local_seconds started;
    std::chrono::local_seconds ended;
};

/// The block at the end, with the empty line before it.
[[nodiscard]] std::string clamscan_summary(const Tally& tally, const ClamscanRun& run);

}   // namespace microengine::report
