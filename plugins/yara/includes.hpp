// SPDX-License-Identifier: MIT
#pragma once
// Reads include statements off the text of a rule file, without a parser for rules.

#include <string>
#include <string_view>
#include <vector>

namespace microengine::yara {

/// The names in the include statements, in order. What stands in a comment, a string or a regular expression
/// is none.
[[nodiscard]] std::vector<std::string> included_names(std::string_view rules);

/// Nothing but include statements (one at least), comments and white space.
[[nodiscard]] bool is_index(std::string_view rules);

}   // namespace microengine::yara
