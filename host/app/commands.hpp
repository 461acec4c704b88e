// SPDX-License-Identifier: MIT
#pragma once
// The last stage of each command.

#include "host/app/app.hpp"

#include <optional>

namespace microengine::app {

[[nodiscard]] std::optional<int> scan(App& app);
[[nodiscard]] std::optional<int> show_backends(App& app);
[[nodiscard]] std::optional<int> show_plugins(App& app);
[[nodiscard]] std::optional<int> show_config(App& app);
[[nodiscard]] std::optional<int> print_text(App& app);

}   // namespace microengine::app
