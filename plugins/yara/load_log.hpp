// SPDX-License-Identifier: MIT
#pragma once
// What the log says of the rules that were loaded, and of those that were not.

#include "errors.hpp"
#include "rule_files.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace microengine::yara {

struct LogLine {
    std::int32_t level;   ///< ME_LOG_*
    std::string text;
    bool operator==(const LogLine&) const = default;
};

/// One warning a broken file, of at most 20 files; then the sum. All else is for debug, and last: of a
/// backend that opens the host takes only so many lines, those that it does not show among them.
[[nodiscard]] std::vector<LogLine> load_log(const RuleFiles& files, std::span<const Problem> problems,
                                            std::span<const Problem> left_out, std::uint64_t rules);

}   // namespace microengine::yara
