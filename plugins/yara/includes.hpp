// SPDX-License-Identifier: MIT
#pragma once
// Reads include statements off the text of a rule file, without a parser for rules.

#include <string>
#include <string_view>
#include <vector>

namespace microengine::yara {

/// The names of everything that may be an include statement, in order. One inside a comment or a string is
/// listed too: what is listed may be included, what is not is refused, so too many do no harm.
[[nodiscard]] std::vector<std::string> included_names(std::string_view rules);

/// Nothing but include statements (one at least), comments and white space.
[[nodiscard]] bool is_index(std::string_view rules);

}   // namespace microengine::yara
