// SPDX-License-Identifier: MIT
#pragma once
// microengine bounties: what the journal says of the bounties that were taken on, also while the daemon runs.

#include "host/app/app.hpp"

#include <optional>

namespace microengine::app {

std::optional<int> show_bounties(App& app);

}   // namespace microengine::app
