// SPDX-License-Identifier: MIT
#pragma once
// `scan --plugin FILE.so --set KEY=VALUE`: a configuration of one backend, made from the command line.

#include "host/config/load.hpp"
#include "host/frontends/cli/scan_options.hpp"
#include "host/util/result.hpp"

namespace microengine::app {

/// Checked like a file: what is wrong with a setting is said with its place on the command line.
[[nodiscard]] util::Result<config::Loaded> single_plugin_config(const cli::ScanOptions& options);

}   // namespace microengine::app
