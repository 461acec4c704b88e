// SPDX-License-Identifier: MIT
#pragma once
// libyara's error numbers as words, and what is wrong with a rule file.

#include <cstddef>
#include <span>
#include <string>

namespace microengine::yara {

/// For an operator: "the regular expression is too complex".
[[nodiscard]] std::string error_text(int error);

/// What is wrong with one rule file. It costs that file and nothing else.
struct Problem {
    std::string file;
    int line = 0;   ///< from 1; 0: the file as a whole
    std::string text;
    bool operator==(const Problem&) const = default;
};
/// "rules/demo.yar:2: error: undefined identifier "nope"".
[[nodiscard]] std::string to_text(const Problem& problem);
/// One a line, at most 20, then "… and 7 more".
[[nodiscard]] std::string to_text(std::span<const Problem> problems);

}   // namespace microengine::yara
