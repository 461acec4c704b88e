// SPDX-License-Identifier: MIT
#include "host/frontends/cli/backend_table.hpp"

#include "host/frontends/cli/table.hpp"
#include "host/util/text.hpp"

#include <nlohmann/json.hpp>

#include <ctime>
#include <string_view>

namespace microengine::cli {

namespace {

std::string date_text(std::int64_t unix_seconds) {
    const std::time_t time = unix_seconds;
    std::tm parts{};
    char text[32] = "";
    if (::gmtime_r(&time, &parts) != nullptr) std::strftime(text, sizeof text, "%Y-%m-%d", &parts);
    return text;
}

/// "2026-01-06 (3 days)".
std::string age_text(const core::SignatureFacts& signatures, std::int64_t now_unix) {
    if (signatures.date_unix <= 0) return "-";
    const std::int64_t days = (now_unix - signatures.date_unix) / 86'400;
    return date_text(signatures.date_unix) +
           (days < 0 ? "" : " (" + std::to_string(days) + (days == 1 ? " day)" : " days)"));
}

std::string indented(std::string_view text) {
    std::string out = "  ";
    for (const char c : text) {
        out += c;
        if (c == '\n') out += "  ";
    }
    return out;
}

}   // namespace

std::string backend_table(const std::vector<BackendState>& states, bool why, std::int64_t now_unix) {
    std::vector<std::vector<std::string>> rows{
        {"BACKEND", "STATE", "PLUGIN", "SIGNATURES", "VERSION", "DATE", "ISOLATION", "OPENED IN"}};
    std::string reasons;
    for (const BackendState& state : states) {
        if (!state.facts) {
            rows.push_back({state.name, "refused", state.plugin, "-", "-", "-", state.isolation, "-"});
            if (why)
                reasons += "\n" + state.name + ":\n" + indented(util::printable_lines(state.refusal)) + "\n";
            continue;
        }
        const auto& signatures = state.facts->signatures;
        rows.push_back(
            {state.name, "ready", state.facts->plugin_id + " " + state.facts->plugin_version,
             signatures ? util::with_commas(signatures->count) : "-",
             signatures && !signatures->version.empty() ? util::printable(signatures->version) : "-",
             signatures ? age_text(*signatures, now_unix) : "-", state.isolation,
             util::human_duration(state.open_ns)});
    }
    return table(rows) + reasons;
}

std::string backend_json(const std::vector<BackendState>& states) {
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (const BackendState& state : states) {
        nlohmann::ordered_json one{{"name", state.name},
                                   {"state", state.facts ? "ready" : "refused"},
                                   {"plugin", state.plugin},
                                   {"isolation", state.isolation}};
        if (state.facts) {
            one["id"] = state.facts->plugin_id;
            one["version"] = state.facts->plugin_version;
            if (const auto& signatures = state.facts->signatures)
                one["signatures"] = {{"version", signatures->version},
                                     {"date_unix", signatures->date_unix},
                                     {"count", signatures->count}};
            one["open_us"] = state.open_ns / 1000;
        } else {
            one["reason"] = state.refusal;
        }
        all.push_back(std::move(one));
    }
    return all.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

}   // namespace microengine::cli
