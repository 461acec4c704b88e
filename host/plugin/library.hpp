// SPDX-License-Identifier: MIT
#pragma once
// A plugin's code in this process. Once loaded it stays until the process ends: unloading code is not safe.

#include "host/plugin/vet.hpp"
#include "host/util/result.hpp"

#include <microengine/plugin.h>

namespace microengine::plugin {

/// Loads the sealed copy and checks its table; the copy's descriptor stays open for life. Reason codes:
/// dlopen_failed, no_entry, foreign_entry, bad_table, note_differs. The table is immortal. Not while another
/// load runs.
[[nodiscard]] util::Result<const me_plugin_v1*> load_library(Vetted& plugin);

}   // namespace microengine::plugin
