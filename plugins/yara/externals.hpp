// SPDX-License-Identifier: MIT
#pragma once
// External variables: names that rules may use and somebody outside defines. They are constant for a backend,
// because a verdict must depend on the bytes alone, never on the name an artifact came with.

#include "errors.hpp"

#include <yara.h>

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace microengine::yara {

struct External {
    std::string name;
    std::variant<std::int64_t, bool, double, std::string> value;
};
using Externals = std::vector<External>;

/// From "key=value" texts. The type is what the value looks like: an integer, true or false, a number with a
/// point, else (or in double quotes) text. With predefine the variables that the LOKI and THOR collections
/// use come first, as empty texts. Throws microengine::Error.
[[nodiscard]] Externals parse_externals(const std::vector<std::string>& texts, bool predefine);

void define(YR_COMPILER* compiler, const Externals& externals);
/// Into rules that were compiled elsewhere: those of the variables that the rules know. A variable of another
/// type is a problem of the file.
[[nodiscard]] std::vector<Problem> define(YR_RULES* rules, const Externals& externals,
                                          const std::string& file);

}   // namespace microengine::yara
