// SPDX-License-Identifier: MIT
#pragma once
// All that is wrong with a configuration once its plugins were looked at, in the order of the file.

#include "host/app/compose.hpp"
#include "host/config/diagnostic.hpp"
#include "host/config/load.hpp"

#include <span>
#include <vector>

namespace microengine::app {

struct ProblemsWanted {
    bool refusals = true;     ///< of plugins too
    bool anonymous = false;   ///< there is no file: the plugin is the place
};

/// The file's problems, the settings' and the plugins'.
[[nodiscard]] std::vector<config::Diagnostic> problems_of(const config::Loaded& loaded,
                                                          std::span<const Rung> rungs, ProblemsWanted wanted);

}   // namespace microengine::app
