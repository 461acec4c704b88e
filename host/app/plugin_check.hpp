// SPDX-License-Identifier: MIT
#pragma once
// `microengine plugin check`: another program's work, because it runs code of plugins.

#include "host/app/app.hpp"

#include <optional>

namespace microengine::app {

/// Becomes microengine-check. Comes back only if there is none.
[[nodiscard]] std::optional<int> become_check(App& app);

}   // namespace microengine::app
