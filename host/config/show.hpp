// SPDX-License-Identifier: MIT
#pragma once
// The effective config as TOML: every key with its value, "# default" where that is the default. It loads
// again.

#include "host/config/model.hpp"
#include "host/core/setting.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace microengine::config {

/// What check_settings() found for one backend, beside what its card declares.
struct ShownSettings {
    std::vector<core::SettingSpec> specs;
    core::Settings settings;
};
/// By the backend's name.
using SettingsOfBackends = std::map<std::string, ShownSettings, std::less<>>;

/// A secret is "***". Of a backend that is not in `settings` nobody knows which setting is one: all its
/// strings are.
[[nodiscard]] std::string show(const Config& config, const SettingsOfBackends& settings);

}   // namespace microengine::config
