// SPDX-License-Identifier: MIT
#pragma once
// The first scans of a new scanner: before a backend is trusted with artifacts it must survive an empty one
// and judge its own canaries as it says it does.

#include "host/plugin/backend.hpp"

#include <microengine/plugin.h>

#include <string>

namespace microengine::plugin {

/// Empty: all is well; else "probe_failed: …" or "probe_wrong_verdict: …".
[[nodiscard]] std::string probe(Scanner& scanner, const me_plugin_v1& table, me_backend* backend);

}   // namespace microengine::plugin
