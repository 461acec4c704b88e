// SPDX-License-Identifier: MIT
#pragma once
// From the `rules` setting to the paths of rule files: directories are walked, patterns expanded. Nothing is
// skipped in silence: what cannot be listed becomes a problem, a refusal or a note.

#include "errors.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace microengine::yara {

struct FoundFile {
    enum class By { name, pattern, walk };
    std::filesystem::path path;
    std::string name;   ///< below what the setting names
    By by = By::name;
};

struct RuleSearch {
    std::vector<FoundFile> files;               ///< in the order of the setting, directories sorted by path
    std::vector<std::filesystem::path> roots;   ///< canonical directories that the setting names
    std::vector<Problem> problems;              ///< each cost one directory or one pattern
    std::vector<Problem> refusals;              ///< what the setting names itself is not there or unreadable
    std::vector<std::string> notes;             ///< links to directories that were not followed
};

/// Each entry is a file, a directory (walked to the bottom; hidden names are skipped, links to directories
/// not followed) or a pattern of *, ? and [ ]. Directories that exist as written are no part of a pattern.
[[nodiscard]] RuleSearch search_rules(const std::vector<std::string>& entries);

/// By its name: .yac or .yarc.
[[nodiscard]] bool is_compiled(const std::filesystem::path& path);

}   // namespace microengine::yara
