// SPDX-License-Identifier: MIT
#include "host/report/phrases.hpp"

#include "host/util/text.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

namespace microengine::report {

namespace {

using core::Outcome, core::Reason, core::ScanResult, core::Verdict;

std::string words(std::string_view word) {
    std::string text(word);
    std::ranges::replace(text, '_', ' ');
    return text;
}

std::string outcome_words(const ScanResult& row) {
    std::string text = words(core::to_text(row.outcome));
    if (row.reason == Reason::none || row.reason == Reason::timeout) return text;   // nothing new
    return text + ": " + words(core::to_text(row.reason));
}

/// The same choice as the combiner's: of the detections that accuse most, the most confident, then the first.
std::string leading_name(const ScanResult& row) {
    const core::Detection* best = nullptr;
    const auto rank = [&](const core::Detection& found) {
        return std::pair(core::severity(found.verdict),
                         found.confidence.value_or(row.effective_confidence()));
    };
    for (const core::Detection& found : row.detections)
        if (core::severity(found.verdict) > core::severity(Verdict::unknown) &&
            (best == nullptr || rank(found) > rank(*best)))
            best = &found;
    return best == nullptr ? "" : best->name;
}

}   // namespace

bool votes(const ScanResult& row) { return row.backend->policy.weight > 0; }

bool accuses(const ScanResult& row) {
    return votes(row) && (row.verdict == Verdict::malicious || row.verdict == Verdict::suspicious);
}

std::string what_it_said(const ScanResult& row) {
    const std::string verdict(core::to_text(row.verdict));
    if (row.outcome != Outcome::completed)
        return row.verdict == Verdict::unknown ? outcome_words(row)
                                               : verdict + ", then " + outcome_words(row);
    if (row.partial) {
        const std::string part = "saw only a part: " + words(core::to_text(*row.partial));
        return row.verdict == Verdict::unknown ? part : verdict + ", " + part;
    }
    if (row.verdict == Verdict::unknown) return "no opinion";
    return row.trusted ? verdict + ", known good" : verdict;
}

std::vector<std::string> accusers(const core::Report& report) {
    std::vector<std::string> names;
    for (const ScanResult& row : report.results)
        if (accuses(row)) names.push_back(util::printable(row.backend->policy.name));
    return names;
}

std::vector<std::string> missing_votes(const core::Report& report) {
    std::vector<std::string> all;
    for (const std::string& name : report.combined.missing) {
        const auto row = std::ranges::find(report.results, name, [](const ScanResult& result) -> const auto& {
            return result.backend->policy.name;
        });
        std::string text = util::printable(name);
        if (row != report.results.end()) text += " (" + what_it_said(*row) + ")";
        all.push_back(std::move(text));
    }
    return all;
}

const ScanResult* strongest_accuser(const core::Report& report) {
    const ScanResult* best = nullptr;
    std::uint64_t best_force = 0;
    for (const Verdict verdict : {Verdict::malicious, Verdict::suspicious}) {
        for (const ScanResult& row : report.results) {
            if (!votes(row) || row.verdict != verdict) continue;
            const std::uint64_t force =
                std::uint64_t{row.backend->policy.weight} * row.effective_confidence();
            if (best != nullptr && force <= best_force) continue;
            best = &row;
            best_force = force;
        }
        if (best != nullptr) return best;
    }
    return nullptr;
}

std::string find_name(const core::Report& report) {
    if (!report.combined.name.empty()) return report.combined.name;
    const ScanResult* row = strongest_accuser(report);   // outvoted or overruled, it has a name all the same
    const std::string name = row != nullptr ? leading_name(*row) : "";
    return name.empty() ? report.combined.family : name;
}

std::string error_text(const core::Report& report) {
    const std::string place = report.artifact.name + ": ";   // told already, wherever this is shown
    const std::size_t from = report.error.starts_with(place) ? place.size() : 0;
    return util::printable(std::string_view(report.error).substr(from));
}

}   // namespace microengine::report
