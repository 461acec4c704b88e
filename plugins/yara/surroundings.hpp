// SPDX-License-Identifier: MIT
#pragma once
// What answers hang on besides rules, settings and bytes.

#include <yara.h>

#include <string>

namespace microengine::yara {

/// Do rules import a module that looks at the clock or the system? A setting error if they cannot be
/// evaluated.
[[nodiscard]] bool look_around(YR_RULES* rules);

/// Which build of libyara is loaded (its build id, bytes): a system's update changes it, and not the version
/// this was compiled for. Empty: it was linked without one.
[[nodiscard]] std::string libyara_build();
/// The same of this plugin, whose build decides how compiled rules are read and shortlisted.
[[nodiscard]] std::string plugin_build();

}   // namespace microengine::yara
