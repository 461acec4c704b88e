// SPDX-License-Identifier: MIT
#pragma once
// The last stage of `plugin new`: a project that builds, and what to do with it.

#include "host/app/app.hpp"

#include <optional>

namespace microengine::app {

[[nodiscard]] std::optional<int> make_plugin(App& app);

}   // namespace microengine::app
