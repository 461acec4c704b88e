// SPDX-License-Identifier: MIT
#pragma once
// Small, whole-file reading for configuration and lists, and where this program is installed. Not for
// artifacts.

#include "host/util/result.hpp"

#include <cstddef>
#include <filesystem>
#include <string>

namespace microengine::util {

/// A regular file of at most max_bytes, whole.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path, std::size_t max_bytes);

/// Where this program's other files are: beside it in a build tree, or below a prefix when installed.
struct Layout {
    std::filesystem::path plugins;     ///< *.so
    std::filesystem::path config;      ///< the shipped microengine.toml and what it names
    std::filesystem::path helper;      ///< microengine-backend
    std::filesystem::path templates;   ///< of `plugin new`: common, cpp, c, rust
};
[[nodiscard]] Layout layout();
/// $XDG_CACHE_HOME, else $HOME/.cache; empty: neither is an absolute path.
[[nodiscard]] std::filesystem::path user_cache();

}   // namespace microengine::util
