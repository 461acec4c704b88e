// SPDX-License-Identifier: MIT
#pragma once
// The last stage of `microengine serve`.

#include "host/app/app.hpp"

#include <optional>

namespace microengine::app {

/// Before anything is loaded: are there addresses, and may they be served? 64, 78, or nothing to complain of.
[[nodiscard]] std::optional<int> check_addresses(App& app);

/// Serves until told to end. 0, or 2: an address cannot be had, or 78.
[[nodiscard]] std::optional<int> serve(App& app);

}   // namespace microengine::app
