// SPDX-License-Identifier: MIT
#pragma once
// The last stage of `microengine serve`.

#include "host/app/app.hpp"

#include <optional>

namespace microengine::app {

/// Serves until told to end. 0, or 2: an address cannot be had, or 78.
[[nodiscard]] std::optional<int> serve(App& app);

}   // namespace microengine::app
