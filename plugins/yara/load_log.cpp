// SPDX-License-Identifier: MIT
#include "load_log.hpp"

#include <microengine/plugin.h>

#include <map>
#include <string_view>
#include <utility>

namespace microengine::yara {
namespace {

constexpr std::size_t kMostBrokenFiles = 20;

/// "1,535 files".
std::string counted(std::uint64_t number, const char* what) {
    std::string text = std::to_string(number);
    for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
    return text + " " + what + (number == 1 ? "" : "s");
}

/// The reasons of each file, in the order of the files' first ones.
std::vector<std::vector<const Problem*>> by_file(std::span<const Problem> problems) {
    std::vector<std::vector<const Problem*>> files;
    std::map<std::string_view, std::size_t> places;
    for (const Problem& problem : problems) {
        const auto [place, is_new] = places.try_emplace(problem.file, files.size());
        if (is_new) files.emplace_back();
        files[place->second].push_back(&problem);
    }
    return files;
}

}   // namespace

std::vector<LogLine> load_log(const RuleFiles& files, std::span<const Problem> problems,
                              std::span<const Problem> left_out, std::uint64_t rules) {
    std::vector<LogLine> lines, details;
    for (const std::string& note : files.notes) lines.push_back({ME_LOG_WARN, note});
    const auto broken = by_file(problems);
    for (std::size_t i = 0; i < broken.size(); ++i) {
        const auto& reasons = broken[i];
        const bool is_named = i < kMostBrokenFiles;
        const std::string more =
            reasons.size() == 1 ? "" : " (and " + std::to_string(reasons.size() - 1) + " more)";
        if (is_named) lines.push_back({ME_LOG_WARN, to_text(*reasons[0]) + more});
        for (const Problem* problem : std::span(reasons).subspan(is_named ? 1 : 0))
            details.push_back({ME_LOG_DEBUG, to_text(*problem)});
    }
    if (broken.size() > kMostBrokenFiles)
        lines.push_back({ME_LOG_WARN, "and " + counted(broken.size() - kMostBrokenFiles, "more broken file") +
                                          "; log level debug lists all"});
    lines.push_back({broken.empty() ? ME_LOG_INFO : ME_LOG_WARN,
                     counted(rules, "rule") + " of " +
                         counted(files.sources.size() + files.compiled.size() - left_out.size(), "file") +
                         (broken.empty() ? "" : ", " + counted(broken.size(), "broken file") + " left out")});
    for (const Problem& file : left_out)
        details.push_back({ME_LOG_DEBUG, file.file + ": left out, " + file.text});
    lines.insert(lines.end(), details.begin(), details.end());
    return lines;
}

}   // namespace microengine::yara
