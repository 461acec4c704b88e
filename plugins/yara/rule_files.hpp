// SPDX-License-Identifier: MIT
#pragma once
// From the `rules` setting to files in memory: everything that can become part of the compiled rules is read
// here, once, so that what is hashed is what is compiled. Rule files belong to the operator and are trusted.

#include "errors.hpp"

#include <compare>
#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::yara {

struct RuleFile {
    std::filesystem::path path;   ///< absolute, as found
    std::string name_space;       ///< the path below what the setting names; unique
    std::string bytes;
    std::string canonical;
    /// Of an index that a directory brought: what it includes, through other indexes to the bottom, by
    /// canonical path. Else empty.
    std::set<std::string> leaves;
};

/// What an include statement leads to.
struct IncludeTarget {
    std::string canonical;   ///< empty: refused
    std::string refusal;
};

/// One include statement, without saying where on this machine the files lie.
struct IncludeEdge {
    std::string from;   ///< namespace of the source, then the names that led to the including file
    std::string name;   ///< as written
    std::string to;     ///< the same way of naming; by another way if the file was reached before
    std::string canonical;
    auto operator<=>(const IncludeEdge&) const = default;
};

struct RuleFiles {
    std::vector<RuleFile> sources;    ///< in the order of the setting, directories sorted by path
    std::vector<RuleFile> compiled;   ///< as yarac writes them
    /// What the sources include, by canonical path. An include of anything else is refused.
    std::map<std::string, std::string> includes;
    std::map<std::string, IncludeTarget> targets;   ///< by include_path()
    std::set<IncludeEdge> edges;
    std::vector<std::filesystem::path> roots;   ///< canonical directories that includes may reach
    bool includes_allowed = true;
    std::vector<Problem> problems;    ///< what could not be read; costs itself only
    std::vector<Problem> refusals;    ///< the setting names it, and it is not there or unreadable
    std::vector<std::string> notes;   ///< for the log
    std::int64_t newest = 0;          ///< modification time, seconds since 1970
};

/// Never throws for a file's sake: see problems and refusals.
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
