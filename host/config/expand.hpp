// SPDX-License-Identifier: MIT
#pragma once
// ${VAR} and ${VAR:-default} in the strings of the config. Pure: the environment is handed in.

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::config {

/// The value of a variable, or nothing if it is not set.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

/// That of this process. Read while no other thread changes it.
[[nodiscard]] Environment process_environment();

struct ExpandProblem {
    std::size_t dollar = 0;   ///< how many '$' stand before the one at fault
    std::string message;
    std::string hint;
};

struct Expanded {
    std::string text;
    std::vector<ExpandProblem> problems;
};

/// `$$` is a dollar sign. A default is used when the variable is unset or empty, and is not expanded itself.
[[nodiscard]] Expanded expand(std::string_view text, const Environment& environment);
/// The text that expands to this one.
[[nodiscard]] std::string escape_dollars(std::string_view text);

}   // namespace microengine::config
