// SPDX-License-Identifier: MIT
#pragma once
// The small change of explanations: names, reasons and numbers as a person reads them. Pure.

#include "host/core/combiner_settings.hpp"
#include "host/core/scan_result.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace microengine::combine {

/// At most three, then "and 4 more".
[[nodiscard]] std::string list(std::span<const std::string> names);
/// "1 backend", "3 backends".
[[nodiscard]] std::string backends(std::size_t count);

/// Why there is no whole answer, so that it reads well after a name and in brackets: "timed out".
[[nodiscard]] std::string_view why_open(const core::ScanResult& result);

enum class Round : std::uint8_t { down, nearest, up };
/// Two decimals, or four where two would put the value on the wrong side of the bar it was measured against.
[[nodiscard]] std::string score_text(double value, Round round, double bar);
/// All decimals that it has, at least two.
[[nodiscard]] std::string bar_text(double bar);

/// The weighted strategy's two bars as fractions.
[[nodiscard]] double malicious_bar(const core::CombinerSettings& settings);
[[nodiscard]] double suspicious_bar(const core::CombinerSettings& settings);

}   // namespace microengine::combine
