// SPDX-License-Identifier: MIT
#pragma once
// From what a plugin's scan() returned to a row of the report. The plugin is not believed: a pure function
// says what its answer is worth.

#include "host/core/scan_result.hpp"
#include "host/plugin/backend.hpp"
#include "host/plugin/host_table.hpp"

#include <microengine/plugin.h>

namespace microengine::plugin {

/// Everything of `out` but backend and duration. The detections are already in `out`; `call` is how the
/// plugin behaved.
void judge_answer(const ScanRequest& request, const CallRecord& call, me_status status,
                  const me_result& result, core::ScanResult& out);

}   // namespace microengine::plugin
