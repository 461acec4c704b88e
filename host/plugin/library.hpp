// SPDX-License-Identifier: MIT
#pragma once
// A plugin's code in this process. Once loaded it stays until the process ends: unloading code is not safe.

#include "host/plugin/sealed_copy.hpp"
#include "host/util/result.hpp"

#include <microengine/plugin.h>

#include <cstdint>
#include <span>
#include <string>

namespace microengine::plugin {

/// A plugin whose note has been read.
struct Loadable {
    std::string path;   ///< for messages
    SealedCopy& copy;
    std::span<const std::uint8_t> description;   ///< of the note, inside the copy
    std::uint64_t note_address = 0;              ///< of the description, relative to where the file is loaded
};

/// Loads the sealed copy and checks its table; the copy's descriptor stays open for life. Reason codes:
/// dlopen_failed, no_entry, foreign_entry, bad_table, note_differs. The table is immortal. Not while another
/// load runs.
[[nodiscard]] util::Result<const me_plugin_v1*> load_library(const Loadable& plugin);

}   // namespace microengine::plugin
