// SPDX-License-Identifier: MIT
#pragma once
// A backend inside this process: the fastest way, for trusted plugins, debugging and benchmarks. A crash of
// the plugin ends the process and a hang holds its thread.

#include "host/core/deadline.hpp"
#include "host/core/setting.hpp"
#include "host/plugin/backend.hpp"
#include "host/plugin/temp_root.hpp"
#include "host/plugin/vet.hpp"

#include <microengine/plugin.h>

#include <memory>
#include <string>

namespace microengine::plugin {

struct OpenRequest {
    core::BackendPolicy policy;
    core::Settings settings;         ///< checked against the card
    core::Deadline deadline;         ///< until when it must be open
    TempRoot* temp_root = nullptr;   ///< outlives the backend
};

/// Opens signatures and one scanner to try it. Reason codes: open_failed, no_signatures, probe_failed,
/// probe_wrong_verdict; a message about a setting is prefixed with that setting's place. One call at a time.
[[nodiscard]] util::Result<std::unique_ptr<Backend>> open_in_process(const Vetted& plugin,
                                                                     const me_plugin_v1* table,
                                                                     OpenRequest request);

}   // namespace microengine::plugin
