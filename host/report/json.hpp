// SPDX-License-Identifier: MIT
#pragma once
// The report as JSON, microengine.report/1 (docs/report.schema.json), and back. Pure; any thread.

#include "host/core/report.hpp"
#include "host/util/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace microengine::report {

using util::Result, util::fail;

inline constexpr std::string_view kSchema = "microengine.report/1";
/// What from_json takes at most: longer texts are refused before they are looked at.
inline constexpr std::size_t kMaxJsonBytes = std::size_t{16} << 20;

enum class JsonStyle : std::uint8_t { compact, pretty };

/// The version this program was built as.
[[nodiscard]] std::string_view engine_version();

/// One object, keys in a fixed order, no line feed at the end. It is valid UTF-8 whatever the names are, and
/// nothing in it can steer a terminal.
[[nodiscard]] std::string to_json(const core::Report& report, JsonStyle style = JsonStyle::compact,
                                  std::string_view version = engine_version());

/// What to_json wrote, from anybody: bounded, unknown keys ignored, everything else checked. The place of an
/// error is a key ("results[2].outcome") or "line:column". The artifact's bytes are not needed and not had.
/// Writing it again gives the same text, but for engine.version.
[[nodiscard]] Result<core::Report> from_json(std::string_view text);

}   // namespace microengine::report
