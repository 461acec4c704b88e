// SPDX-License-Identifier: MIT
#include "host/app/problems.hpp"

#include "host/util/text.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace microengine::app {

namespace {

/// Why the plugin is refused, where its [[backend]] stands. No line of the file is quoted: which of its
/// settings are secret nobody knows without a card.
config::Diagnostic refusal_of(const config::Loaded& loaded, const Rung& rung, bool anonymous) {
    constexpr std::string_view error_mark = ": error: ";   // "place: error: code: text"
    const std::size_t split = std::min(rung.refusal.find(error_mark), rung.refusal.size());
    const std::string plugin = rung.refusal.substr(0, split);
    const std::string why = util::printable_lines(
        split == rung.refusal.size() ? rung.refusal : rung.refusal.substr(split + error_mark.size()));
    if (anonymous) return {.file = plugin, .at = {}, .message = why};
    return {.file = loaded.config.file,
            .at = rung.config->at,
            .message = "backend '" + rung.config->policy.name + "': " + util::printable(plugin) + ": " + why};
}

}   // namespace

std::vector<config::Diagnostic> problems_of(const config::Loaded& loaded, std::span<const Rung> rungs,
                                            ProblemsWanted wanted) {
    std::vector<config::Diagnostic> problems = loaded.diagnostics;
    for (const Rung& rung : rungs) {
        problems.insert(problems.end(), rung.settings_problems.begin(), rung.settings_problems.end());
        const bool named = !rung.config->plugin.empty();   // else that is the problem, and told
        if (wanted.refusals && named && !rung.refusal.empty())
            problems.push_back(refusal_of(loaded, rung, wanted.anonymous));
    }
    config::arrange(problems);
    return problems;
}

}   // namespace microengine::app
