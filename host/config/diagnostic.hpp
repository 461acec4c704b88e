// SPDX-License-Identifier: MIT
#pragma once
// One problem of the config: where it stands, what it is, the way out. Pure text; no I/O.

#include "host/config/node.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::config {

enum class Severity : std::uint8_t { error, warning, note };

struct Diagnostic {
    Severity severity = Severity::error;
    std::string file;
    Position at;
    std::string message;        ///< lower case, no full stop
    std::string hint = {};      ///< the way out; may be empty
    std::string excerpt = {};   ///< the line and a caret, ready to print; may be empty
};

inline constexpr std::size_t kMostShown = 20;

/// "microengine.toml:7:1".
[[nodiscard]] std::string place(std::string_view file, Position at);
/// "place: error: message; hint", then the excerpt; no line feed at the end.
[[nodiscard]] std::string to_text(const Diagnostic& diagnostic);
/// All of them, each with a line feed: at most kMostShown problems, errors before warnings if there are more,
/// then "… and 7 more". A note stays with what it explains.
[[nodiscard]] std::string to_text(std::span<const Diagnostic> diagnostics);
[[nodiscard]] bool has_errors(std::span<const Diagnostic> diagnostics);

/// Into the order of the file; a note stays behind what it explains. Files keep the order in which they came.
void arrange(std::vector<Diagnostic>& diagnostics);
/// Gives the first kMostShown the line of `text` they point at.
void add_excerpts(std::span<Diagnostic> diagnostics, std::string_view text);

}   // namespace microengine::config
