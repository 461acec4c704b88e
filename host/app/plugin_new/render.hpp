// SPDX-License-Identifier: MIT
#pragma once
// A template's text made into a file's. Pure.

#include "host/app/plugin_new/wish.hpp"
#include "host/util/result.hpp"

#include <string>
#include <string_view>

namespace microengine::app {

/// @WORD@ becomes its value. A line "@IF part@" begins lines that are kept where the part is wanted, a line
/// "@END@" ends them; these do not nest. `place` names the template: what is wrong with one is an error, with
/// its line.
[[nodiscard]] util::Result<std::string> render(std::string_view text, const Words& words,
                                               std::string_view place);

}   // namespace microengine::app
