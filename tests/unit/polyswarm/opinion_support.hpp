// SPDX-License-Identifier: MIT
#pragma once
// Reports as the engine makes them: rows written here, combined by the real combiner.

#include "host/combine/combine.hpp"
#include "host/core/report.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace microengine::polyswarm {

using core::Outcome;
using core::Reason;
using core::Verdict;

inline core::ScanResult row(std::string name, Outcome outcome, Verdict verdict = Verdict::unknown,
                            std::optional<core::BasisPoints> confidence = std::nullopt) {
    auto facts = std::make_shared<core::BackendFacts>();
    facts->plugin_version = "1.2";
    facts->signatures = core::SignatureFacts{.version = name + "-sigs", .date_unix = 0, .count = 1};
    facts->policy.name = std::move(name);
    core::ScanResult result;
    result.backend = std::move(facts);
    result.outcome = outcome;
    result.verdict = verdict;
    result.confidence = confidence;
    return result;
}

inline core::ScanResult skipped(std::string name, Reason reason) {
    core::ScanResult result = row(std::move(name), Outcome::skipped);
    result.reason = reason;
    return result;
}

inline core::ScanResult partly(std::string name, core::Partial partial, Verdict verdict = Verdict::unknown) {
    core::ScanResult result = row(std::move(name), Outcome::completed, verdict);
    result.partial = partial;
    return result;
}

inline core::ScanResult detecting(std::string name, std::string detection, std::string family,
                                  std::optional<core::BasisPoints> confidence = std::nullopt) {
    core::ScanResult result = row(std::move(name), Outcome::completed, Verdict::malicious, confidence);
    core::Detection found;
    found.name = std::move(detection);
    found.family = std::move(family);
    found.confidence = confidence;
    result.detections.push_back(std::move(found));
    return result;
}

inline core::Report report_of(std::vector<core::ScanResult> rows, core::CombinerSettings settings = {}) {
    core::Report report;
    report.results = std::move(rows);
    report.combined = combine::combine(settings, report.results);
    return report;
}

}   // namespace microengine::polyswarm
