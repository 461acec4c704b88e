// SPDX-License-Identifier: MIT
#pragma once
// What `plugin new` says at its end: three lines for a shell. Pure.

#include "host/app/plugin_new/wish.hpp"

#include <cstddef>
#include <filesystem>
#include <string>

namespace microengine::app {

struct Surroundings {
    std::filesystem::path folder;    ///< what was made; absolute
    std::filesystem::path here;      ///< the working directory
    std::filesystem::path program;   ///< this one
    std::string path;                ///< PATH. CMake finds the SDK of a program that is on it
};
[[nodiscard]] std::string next_steps(const PluginWish& wish, std::size_t files, const Surroundings& where);

/// As it is, or in quotes if a shell would read anything into it.
[[nodiscard]] std::string shell_quoted(const std::string& word);

}   // namespace microengine::app
