// SPDX-License-Identifier: MIT
#include "host/frontends/cli/backend_table.hpp"

#include "host/frontends/cli/table.hpp"
#include "host/util/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
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

std::string_view state_text(const BackendState& state) {
    return state.facts ? to_text(state.health.state) : "refused";
}

/// What an operator should know of it beyond the table; empty: nothing.
std::string reasons_of(const BackendState& state) {
    std::string text = state.facts ? state.health.why : util::printable_lines(state.refusal);
    for (const std::string& weakness : state.health.weaknesses) text += (text.empty() ? "" : "\n") + weakness;
    return text;
}

}   // namespace

bool all_ready(const std::vector<BackendState>& states) {
    return std::ranges::all_of(states,
                               [](const BackendState& state) { return state_text(state) == "ready"; });
}

std::string backend_table(const std::vector<BackendState>& states, const SandboxFacts& sandbox, bool why,
                          std::int64_t now_unix) {
    std::vector<std::vector<std::string>> rows{
        {"BACKEND", "STATE", "PLUGIN", "SIGNATURES", "VERSION", "DATE", "ISOLATION", "OPENED IN"}};
    std::string reasons;
    for (const BackendState& state : states) {
        if (const std::string text = reasons_of(state); why && !text.empty())
            reasons += "\n" + state.name + ":\n" + indented(text) + "\n";
        const std::string isolation = state.health.isolation + (state.health.weaknesses.empty() ? "" : " *");
        if (!state.facts) {
            rows.push_back({state.name, "refused", state.plugin, "-", "-", "-", isolation, "-"});
            continue;
        }
        const auto& signatures = state.facts->signatures;
        rows.push_back(
            {state.name, std::string(state_text(state)),
             state.facts->plugin_id + " " + state.facts->plugin_version,
             signatures ? util::with_commas(signatures->count) : "-",
             signatures && !signatures->version.empty() ? util::printable(signatures->version) : "-",
             signatures ? age_text(*signatures, now_unix) : "-", isolation,
             util::human_duration(state.open_ns)});
    }
    std::string text = table(rows) + reasons;
    if (!sandbox.offers.empty()) text += "\nsandbox: " + sandbox.offers + "\n";
    for (const std::string& lack : sandbox.lacks) text += "  " + lack + "\n";
    return text;
}

std::string backend_json(const std::vector<BackendState>& states, const SandboxFacts& sandbox) {
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (const BackendState& state : states) {
        nlohmann::ordered_json one{{"name", state.name},
                                   {"state", state_text(state)},
                                   {"plugin", state.plugin},
                                   {"isolation", state.health.isolation},
                                   {"weaknesses", state.health.weaknesses}};
        if (state.facts) {
            one["id"] = state.facts->plugin_id;
            one["version"] = state.facts->plugin_version;
            if (const auto& signatures = state.facts->signatures)
                one["signatures"] = {{"version", signatures->version},
                                     {"date_unix", signatures->date_unix},
                                     {"count", signatures->count}};
            one["open_us"] = state.open_ns / 1000;
            one["faults"] = state.health.faults;
            one["trips"] = state.health.trips;
            one["lost_workers"] = state.health.lost_workers;
            if (!state.health.why.empty()) one["reason"] = state.health.why;
        } else {
            one["reason"] = state.refusal;
        }
        all.push_back(std::move(one));
    }
    const nlohmann::ordered_json document{
        {"backends", std::move(all)}, {"sandbox", {{"offers", sandbox.offers}, {"lacks", sandbox.lacks}}}};
    return document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

}   // namespace microengine::cli
