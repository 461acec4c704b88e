// SPDX-License-Identifier: MIT
#include "host/frontends/ambassador/results.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace microengine::ambassador {

namespace {

constexpr std::size_t kIdWidth = 5;

std::string padded(std::string_view text, std::size_t width) {
    return std::string(text) + std::string(width - std::min(width, text.size()), ' ');
}

}   // namespace

std::size_t count_of(std::span<const CheckResult> results, Status status) {
    return static_cast<std::size_t>(std::ranges::count_if(
        results, [status](const CheckResult& result) { return result.outcome.status == status; }));
}

std::string table_of(std::span<const CheckResult> results, std::uint64_t seed) {
    std::string out;
    for (const auto& [check, outcome] : results) {
        out += padded(check->id, kIdWidth) + std::string(to_text(outcome.status)) + "  " +
               std::string(check->name) + ": " + outcome.seen + "\n";
        if (outcome.status == Status::fail)
            out += std::string(kIdWidth + 6, ' ') + "fix: " + std::string(check->fix) + "\n";
    }
    return out + std::to_string(count_of(results, Status::pass)) + " passed, " +
           std::to_string(count_of(results, Status::fail)) + " failed, " +
           std::to_string(count_of(results, Status::skip)) + " skipped; seed " + std::to_string(seed) + "\n";
}

std::string json_of(std::span<const CheckResult> results, std::uint64_t seed) {
    nlohmann::ordered_json checks = nlohmann::ordered_json::array();
    for (const auto& [check, outcome] : results) {
        nlohmann::ordered_json row{{"id", check->id},
                                   {"name", check->name},
                                   {"status", to_text(outcome.status)},
                                   {"seen", outcome.seen}};
        if (outcome.status == Status::fail) row["fix"] = check->fix;
        checks.push_back(std::move(row));
    }
    const nlohmann::ordered_json whole{{"schema", "microengine.ambassador/1"},
                                       {"passed", count_of(results, Status::pass)},
                                       {"failed", count_of(results, Status::fail)},
                                       {"skipped", count_of(results, Status::skip)},
                                       {"seed", std::to_string(seed)},
                                       {"checks", std::move(checks)}};
    return whole.dump(2) + "\n";
}

}   // namespace microengine::ambassador
