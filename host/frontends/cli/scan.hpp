// SPDX-License-Identifier: MIT
#pragma once
// The scan command: from what was named to reports, a summary and an exit code.

#include "host/engine/engine.hpp"
#include "host/frontends/cli/console.hpp"
#include "host/frontends/cli/scan_options.hpp"
#include "host/intake/limits.hpp"

#include <chrono>

namespace microengine::cli {

/// What a scan works with; outlives it.
struct ScanRun {
    const ScanOptions& options;
    engine::Engine& engine;   ///< cancelled from elsewhere when a signal comes
    Console& console;
    intake::Limits limits;
    std::chrono::nanoseconds timeout;   ///< of one artifact; 0: none
};

/// The exit code, but for an interruption: that is the caller's to know.
[[nodiscard]] int run_scan(const ScanRun& run);

}   // namespace microengine::cli
