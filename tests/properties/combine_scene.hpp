// SPDX-License-Identifier: MIT
#pragma once
// Random configurations and scan results. Call only inside a property.

#include "host/core/combiner_settings.hpp"
#include "host/core/report.hpp"
#include "host/core/scan_result.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace microengine::combine::testing {

using Rows = std::vector<core::ScanResult>;

struct Scene {
    core::CombinerSettings settings;
    Rows rows;
};

/// Ties and extremes are as likely as ordinary numbers.
[[nodiscard]] core::BasisPoints draw_confidence();
/// Any policy with any answer or failure.
[[nodiscard]] core::ScanResult draw_row(const std::string& name);
[[nodiscard]] core::CombinerSettings draw_settings();
/// One row at least; logged, so that a failure shows them.
[[nodiscard]] Scene draw_scene(std::size_t most = 8);
[[nodiscard]] std::vector<std::size_t> draw_order(std::size_t size);

/// The backend of `row` with another answer.
[[nodiscard]] core::ScanResult answers(const core::ScanResult& row, core::Verdict verdict,
                                       core::BasisPoints confidence = core::kCertain);
[[nodiscard]] core::ScanResult draw_answer(const core::ScanResult& row);
[[nodiscard]] core::ScanResult draw_abstention(const core::ScanResult& row);
[[nodiscard]] core::ScanResult draw_error(const core::ScanResult& row);
[[nodiscard]] core::ScanResult not_asked(const core::ScanResult& row);
/// The same answer of a backend with another policy.
[[nodiscard]] core::ScanResult changed(const core::ScanResult& row,
                                       const std::function<void(core::BackendPolicy&)>& change);

[[nodiscard]] std::string show(const core::CombinerSettings& settings);
[[nodiscard]] std::string show(const Rows& rows);
/// Everything of it but the contributions, one line.
[[nodiscard]] std::string show(const core::Combined& combined);

}   // namespace microengine::combine::testing
