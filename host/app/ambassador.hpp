// SPDX-License-Identifier: MIT
#pragma once
// The ambassador's command: what the program lends it, an engine of ours included.

#include "host/app/app.hpp"
#include "host/config/show.hpp"
#include "host/frontends/ambassador/spawner.hpp"

#include <optional>
#include <string>

namespace microengine::app {

[[nodiscard]] std::optional<int> play_ambassador(App& app);

/// The configuration with a check's changes, as TOML. Nothing but the marketplace is served, on a port that
/// the system chooses, to this machine alone.
[[nodiscard]] std::string spawned_config(config::Config config, config::SettingsOfBackends settings,
                                         const ambassador::Overlay& overlay,
                                         const std::filesystem::path& puppet);

}   // namespace microengine::app
