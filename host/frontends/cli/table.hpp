// SPDX-License-Identifier: MIT
#pragma once
// Columns of text for a person, aligned. Pure.

#include <string>
#include <vector>

namespace microengine::cli {

/// The first row is the heading. Two blanks between columns, none at the end of a line; each line ends with a
/// line feed.
[[nodiscard]] std::string table(const std::vector<std::vector<std::string>>& rows);

}   // namespace microengine::cli
