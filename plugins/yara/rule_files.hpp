// SPDX-License-Identifier: MIT
#pragma once
// From the `rules` setting to files in memory: everything that can become part of the compiled rules is read
// here, once, so that what is hashed is what is compiled. Rule files belong to the operator and are trusted.

#include "errors.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::yara {

struct RuleFile {
    std::filesystem::path path;   ///< absolute, as found
    std::string name_space;       ///< the path below what the setting names; unique
    std::string bytes;
};

struct RuleFiles {
    std::vector<RuleFile> sources;    ///< in the order of the setting, directories sorted by path
    std::vector<RuleFile> compiled;   ///< as yarac writes them
    /// What the sources include, by canonical path. An include of anything else is refused.
    std::map<std::string, std::string> includes;
    std::vector<std::filesystem::path> roots;   ///< canonical directories that includes may reach
    bool includes_allowed = true;
    std::vector<Problem> problems;          ///< what could not be read
    std::vector<std::string> index_files;   ///< left out: they only include what is here already
    std::int64_t newest = 0;                ///< modification time, seconds since 1970
};

/// Each entry is a file, a directory (walked to the bottom; hidden names are skipped, links to directories
/// not followed) or a pattern of *, ? and [ ]. Never throws for a file's sake: see problems.
[[nodiscard]] RuleFiles find_rule_files(const std::vector<std::string>& entries, bool includes_allowed);

/// Where `include "name"` in the file at from points to.
[[nodiscard]] std::filesystem::path include_path(const std::filesystem::path& from, std::string_view name);

/// The included text, or why there is none.
struct Included {
    const std::string* text = nullptr;
    std::string refusal;
};
[[nodiscard]] Included find_include(const RuleFiles& files, const std::filesystem::path& path);

}   // namespace microengine::yara
