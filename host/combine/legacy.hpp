// SPDX-License-Identifier: MIT
#pragma once
// The combined verdict as the four values of the tutorial's scan result. Derived, never stored. Pure.

#include "host/core/report.hpp"
#include "host/core/scan_result.hpp"
#include "host/core/verdict.hpp"

#include <span>
#include <string>

namespace microengine::combine {

struct Legacy {
    bool bit = false;          ///< it makes a claim
    bool verdict = false;      ///< of malice; without bit: only a suspicion
    double confidence = 0.0;   ///< mean over the backends whose verdict is the combined one, else 0
    std::string metadata;      ///< "a;b;": one text per backend, empty ones kept
};

/// `metadata` in config order, one text per row; what is in it is escaped, so that the join can be undone.
[[nodiscard]] Legacy legacy_view(const core::Combined& combined, std::span<const core::ScanResult> results,
                                 std::span<const std::string> metadata);

}   // namespace microengine::combine
