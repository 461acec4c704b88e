// SPDX-License-Identifier: MIT
#pragma once
// `scan --plugin FILE.so --set KEY=VALUE`, `plugin check FILE.so --set KEY=VALUE --grant RIGHT`: a
// configuration of one backend, made from the command line.

#include "host/config/load.hpp"
#include "host/util/result.hpp"

#include <span>
#include <string>

namespace microengine::config {

struct SinglePlugin {
    std::string file;   ///< relative to the working directory, perhaps through links
    std::span<const std::string> settings = {};   ///< "KEY=VALUE"
    std::span<const std::string> grants = {};     ///< "network"
};

/// Checked like a file: what is wrong with a setting is said with its place on the command line.
[[nodiscard]] util::Result<Loaded> single_plugin_config(const SinglePlugin& plugin);

}   // namespace microengine::config
