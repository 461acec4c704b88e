// SPDX-License-Identifier: MIT
#pragma once
// The host as plugins know it, looking on: it answers what the real one answers, and notes where a plugin
// breaks the contract in a way that the real one would mend in silence.

#include "host/conformance/notebook.hpp"
#include "host/plugin/card.hpp"
#include "host/plugin/host_table.hpp"

#include <microengine/plugin.h>

#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace microengine::conformance {

/// One call into a plugin. What a plugin may do from any thread is noted under the mutex.
struct WatchedCall : plugin::CallRecord {
    enum class Kind : std::uint8_t { open, scanner, scan };
    WatchedCall(Kind what, const plugin::Card& plugin_card) : kind(what), card(plugin_card) {}

    const Kind kind;
    const plugin::Card& card;
    const std::thread::id caller = std::this_thread::get_id();
    bool full = false;   ///< the first detection is one too many

    std::mutex mutex;
    std::set<Finding> broken;               ///< laws, and what is lost on the way
    std::set<std::string> read;             ///< settings
    std::uint64_t refused_detections = 0;   ///< since it was told that there are enough
};

/// The host of today, the same for all calls.
[[nodiscard]] const me_host_v1& watching_host();
/// One of a later minor: its table is longer than the plugin knows.
[[nodiscard]] const me_host_v1& later_host();

}   // namespace microengine::conformance
