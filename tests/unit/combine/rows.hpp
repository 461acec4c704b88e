// SPDX-License-Identifier: MIT
#pragma once
// Scan results in the short notation of the golden cases: "M(.2) B X(R) b". For tests.

#include "host/core/outcome.hpp"
#include "host/core/scan_result.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace microengine::combine::testing {

using core::Outcome;
using core::Reason;
using core::Verdict;

struct Backend {
    std::string name;
    double weight = 1.0;
};

/// A completed row that gives the verdict.
inline core::ScanResult row(const Backend& backend, Verdict verdict, double confidence = 1.0,
                            const std::string& detection = "") {
    auto facts = std::make_shared<core::BackendFacts>();
    facts->policy.name = backend.name;
    facts->policy.weight = static_cast<std::uint32_t>(backend.weight * 1e4 + 0.5);
    core::ScanResult result;
    result.backend = std::move(facts);
    result.outcome = Outcome::completed;
    result.verdict = verdict;
    result.confidence = static_cast<core::BasisPoints>(confidence * 1e4 + 0.5);
    if (!detection.empty()) {
        core::Detection found;
        found.name = detection;
        found.verdict = verdict;
        result.detections.push_back(std::move(found));
    }
    return result;
}

/// A row without a verdict.
inline core::ScanResult lost(const Backend& backend, Outcome outcome, Reason reason) {
    core::ScanResult result = row(backend, Verdict::unknown);
    result.outcome = outcome;
    result.reason = reason;
    return result;
}

inline core::BackendPolicy& policy_of(core::ScanResult& result) {
    // Made by row(), so not const underneath, and shared with nobody.
    return const_cast<core::BackendFacts&>(*result.backend)
        .policy;   // NOLINT(cppcoreguidelines-pro-type-const-cast): see above
}

/// M S s B A X; b: unknown and partial. In brackets: R required, V veto, w0 weight, .2 confidence. Backends
/// are called b1, b2, ...
inline core::ScanResult parse_row(std::string_view text, const std::string& name) {
    core::ScanResult result = row({.name = name}, Verdict::unknown);
    switch (text[0]) {
        case 'M':
            result.verdict = Verdict::malicious;
            break;
        case 'S':
            result.verdict = Verdict::suspicious;
            break;
        case 's':
            result.verdict = Verdict::suspicious;
            result.partial = core::Partial::encrypted;
            break;
        case 'B':
            result.verdict = Verdict::benign;
            break;
        case 'b':
            result.partial = core::Partial::encrypted;
            break;
        case 'X':
            result.outcome = Outcome::timed_out;
            result.reason = Reason::timeout;
            break;
        default:   // A
            break;
    }
    if (text.size() == 1) return result;
    const std::string_view note = text.substr(2, text.size() - 3);
    double number = 0.0;
    const std::string_view digits = note[0] == 'w' ? note.substr(1) : note;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (note == "R")
        policy_of(result).required = true;
    else if (note == "V")
        policy_of(result).veto = true;
    else if (note[0] == 'w')
        policy_of(result).weight = static_cast<std::uint32_t>(number * 1e4 + 0.5);
    else
        result.confidence = static_cast<core::BasisPoints>(number * 1e4 + 0.5);
    return result;
}

inline std::vector<core::ScanResult> parse_rows(std::string_view text) {
    std::vector<core::ScanResult> rows;
    while (!text.empty()) {
        const std::size_t space = std::min(text.find(' '), text.size());
        rows.push_back(parse_row(text.substr(0, space), "b" + std::to_string(rows.size() + 1)));
        text.remove_prefix(std::min(space + 1, text.size()));
    }
    return rows;
}

}   // namespace microengine::combine::testing
