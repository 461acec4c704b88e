// SPDX-License-Identifier: MIT
#pragma once
// The counts of a run, its summary for people and its exit code.

#include "host/core/report.hpp"
#include "host/report/style.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace microengine::report {

struct Tally {
    std::uint64_t artifacts = 0;
    std::array<std::uint64_t, 4> verdicts{};   ///< by core::Verdict
    std::uint64_t unread = 0;                  ///< artifacts among the unknown whose bytes could not be had
    std::uint64_t errors = 0;                  ///< what gave no artifact at all
    std::uint64_t bytes = 0;                   ///< of the artifacts that were read
    std::uint64_t elapsed_ns = 0;              ///< of the whole run; the caller knows it
    std::uint64_t signatures = 0;              ///< loaded by all backends, as the newest report says

    void add(const core::Report& report);
    /// Something that should have given artifacts and gave none: an unreadable directory, say.
    void add_error() { ++errors; }
    [[nodiscard]] std::uint64_t count(core::Verdict verdict) const {
        return verdicts.at(static_cast<std::size_t>(verdict));
    }
};

/// What makes the exit code 1.
enum class FailOn : std::uint8_t { suspicious, malicious };

/// 0 nothing found · 1 found · 2 an error or an unknown, and nothing found; also when nothing was scanned. A
/// find wins over an error.
[[nodiscard]] int exit_code(const Tally& tally, FailOn fail_on);

/// "scanned 2,274 artifacts (311 MB) in 4.1 s: 8 malicious, 2,266 benign", without a line feed at the end.
[[nodiscard]] std::string summary_text(const Tally& tally, const Style& style);

/// The last line of a run that a signal ended: `unfinished` artifacts were in work and have no result.
[[nodiscard]] std::string interrupted_text(std::uint64_t unfinished);

}   // namespace microengine::report
