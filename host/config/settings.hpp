// SPDX-License-Identifier: MIT
#pragma once
// A backend's settings, as written, against what its plugin's card declares. Looks at the file system only to
// see whether paths exist.

#include "host/config/load.hpp"
#include "host/core/setting.hpp"

#include <span>
#include <vector>

namespace microengine::config {

struct CheckedSettings {
    core::Settings settings;   ///< one for each spec; complete only if there is no error
    std::vector<Diagnostic> diagnostics;

    [[nodiscard]] bool ok() const { return !has_errors(diagnostics); }
};

/// `backend` is one of loaded.config, or one without a config file: then all settings have their defaults,
/// and paths start at loaded.source.directory. Of a card with a secret no line of the file is quoted.
[[nodiscard]] CheckedSettings check_settings(const Loaded& loaded, const BackendConfig& backend,
                                             std::span<const core::SettingSpec> specs);

/// What a value of this setting must be.
[[nodiscard]] Rule rule_of(const core::SettingSpec& spec);
/// The name of a backend's plugin in messages and commands: "yara" for "/opt/yara.so" too.
[[nodiscard]] std::string plugin_name(const BackendConfig& backend);

}   // namespace microengine::config
