// SPDX-License-Identifier: MIT
#pragma once
// What answers hang on besides rules, settings and bytes.

#include "handles.hpp"

#include <string>
#include <vector>

namespace microengine::yara {

/// Do rules import a module that looks at the clock or the system?
[[nodiscard]] bool look_around(const std::vector<Rules>& sets);

/// Which build of libyara is loaded: a system's update changes it, and not the version this was compiled for.
/// Empty: it is part of this plugin, or cannot be told.
[[nodiscard]] std::string libyara_build();

}   // namespace microengine::yara
