// SPDX-License-Identifier: MIT
#pragma once
// Everything but the artifact's bytes that a backend's answer depends on, as one digest.

#include "host/core/scan_result.hpp"
#include "host/core/setting.hpp"
#include "host/util/digest.hpp"

namespace microengine::cache {

/// Of one opened backend. The plugin's file counts beside its version, so that a rebuilt plugin is another
/// one; the signatures' version has what the plugin loaded, libraries included.
[[nodiscard]] util::Sha256 backend_key(const core::BackendFacts& facts, const util::Sha256& plugin_file,
                                       const core::Settings& settings);

}   // namespace microengine::cache
