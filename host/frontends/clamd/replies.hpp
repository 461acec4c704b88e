// SPDX-License-Identifier: MIT
#pragma once
// Reports in the words of clamd's clients. Pure.

#include "host/core/report.hpp"
#include "host/core/serve_settings.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::clamd {

/// What stands behind "path: " in a reply line.
struct Answer {
    enum class Kind : std::uint8_t { ok, found, error };
    Kind kind = Kind::error;
    std::string text;   ///< "OK", "NAME FOUND", "REASON ERROR"
};

/// A failure that no report tells of: one of the closed list of reasons, as docs/clamd.md has it.
[[nodiscard]] Answer failed(std::string_view reason);

/// The artifact was not judged, for one of these reasons: as an unknown verdict is told.
[[nodiscard]] Answer unjudged(std::string_view reason, const core::ClamdSettings& settings);

/// The verdict. Unknown is never OK.
[[nodiscard]] Answer answer_of(const core::Report& report, const core::ClamdSettings& settings);
/// One for each detection of a malicious or suspicious artifact, at most 100; else the verdict alone.
[[nodiscard]] std::vector<Answer> all_answers_of(const core::Report& report,
                                                 const core::ClamdSettings& settings);

/// What clients can read: ClamAV's own names as they are, "YARA.rule.UNOFFICIAL", "Backend.name"; of the
/// letters that no client stumbles over, at most 62.
[[nodiscard]] std::string name_of(const core::Detection& detection, const core::ScanResult& result,
                                  bool suspicious);

/// "ClamAV 1.4.6/27500/Mon Jan  6 09:40:55 2025".
[[nodiscard]] std::string version_text(const std::vector<std::shared_ptr<const core::BackendFacts>>& backends,
                                       std::uint64_t generation, const std::string& without_clamav);

}   // namespace microengine::clamd
