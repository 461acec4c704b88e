// SPDX-License-Identifier: MIT
#pragma once
// The folder that `plugin new` makes: whole, or not at all.

#include "host/app/plugin_new/wish.hpp"
#include "host/util/result.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace microengine::app {

struct ProjectFile {
    std::filesystem::path path;   ///< below the project's folder
    std::string text;
};

/// The files of templates/common and of the language's folder, filled in, sorted by path. Only NAME.in files
/// count.
[[nodiscard]] util::Result<std::vector<ProjectFile>> project_files(const std::filesystem::path& templates,
                                                                   const PluginWish& wish);

/// Where it will be: absolute. An error if something is there already, but for an empty folder, or if its
/// parent is not.
[[nodiscard]] util::Result<std::filesystem::path> project_folder(const PluginWish& wish);

/// Writes them beside the folder and renames that: nobody ever sees a half of it, and nothing is written
/// over.
[[nodiscard]] util::Result<void> write_project(const std::filesystem::path& folder,
                                               const std::vector<ProjectFile>& files);

}   // namespace microengine::app
