// SPDX-License-Identifier: MIT
#pragma once
// The host's side of one call into a plugin: what the plugin may ask for, and everything it said. The me_call
// that the ABI hands around is a CallRecord. A call lives on the stack of the thread that makes it.

#include "host/core/deadline.hpp"
#include "host/core/outcome.hpp"
#include "host/core/scan_result.hpp"
#include "host/core/setting.hpp"

#include <microengine/plugin.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

/// The ABI's opaque name for a call.
struct me_call {};

namespace microengine::plugin {

/// Set from any thread to end a scan; Reason::none: it may go on.
using CancelWord = std::atomic<core::Reason>;

/// Told of a detection while the scan goes on: it stands, whatever comes after it. Must not throw.
using HearDetection = std::function<void(const core::Detection&)>;

struct CallRecord : me_call {
    const std::string* backend = nullptr;       ///< for the log
    const core::Settings* settings = nullptr;   ///< only while opening
    const CancelWord* cancel = nullptr;         ///< may be null
    core::Deadline deadline;
    const std::filesystem::path* temp_dir = nullptr;   ///< null: the plugin may not have one

    // What the plugin said.
    std::string fail_text;                                ///< of fail(), UTF-8 and bounded; the last one wins
    std::string fail_setting;                             ///< a declared setting's name, or ""
    std::vector<core::Detection>* detections = nullptr;   ///< null: not a scan
    const HearDetection* heard = nullptr;                 ///< told of each at once; may be null
    bool detections_cut = false;
    std::size_t detail_bytes = 0;   ///< of all detections of this call
    std::string broke_rule;         ///< why its answer cannot be believed; "": it kept the rules
};

/// The one table, the same pointer in every call.
[[nodiscard]] const me_host_v1& host_table();

}   // namespace microengine::plugin
