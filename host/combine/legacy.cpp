// SPDX-License-Identifier: MIT
#include "host/combine/legacy.hpp"

#include "host/util/text.hpp"

#include <cstddef>

namespace microengine::combine {

using core::Verdict;

namespace {

double mean_confidence(Verdict verdict, std::span<const core::ScanResult> results) {
    if (verdict == Verdict::unknown) return 0.0;
    double sum = 0.0;
    std::size_t agreeing = 0;
    for (const core::ScanResult& result : results) {
        if (result.verdict != verdict || result.backend->policy.weight == 0) continue;
        sum += double(result.effective_confidence()) / core::kCertain;
        ++agreeing;
    }
    return agreeing == 0 ? 0.0 : sum / double(agreeing);
}

std::string join(std::span<const std::string> metadata) {
    std::string joined;
    for (std::size_t i = 0; i < metadata.size(); ++i) {
        if (i > 0) joined += ';';
        for (const char c : util::printable(metadata[i])) {
            if (c == ';') {
                joined += "\\x3b";
            } else {
                joined += c;
            }
        }
    }
    return joined;
}

}   // namespace

Legacy legacy_view(const core::Combined& combined, std::span<const core::ScanResult> results,
                   std::span<const std::string> metadata) {
    const Verdict verdict = combined.verdict;
    return {.bit = verdict == Verdict::malicious || verdict == Verdict::benign,
            .verdict = verdict == Verdict::malicious || verdict == Verdict::suspicious,
            .confidence = mean_confidence(verdict, results),
            .metadata = join(metadata)};
}

}   // namespace microengine::combine
