// SPDX-License-Identifier: MIT
#pragma once
// What a backend, or all of them together, think of an artifact.

#include <cstdint>
#include <optional>
#include <string_view>

namespace microengine::core {

/// The numbers are those of the plugin ABI.
enum class Verdict : std::uint8_t {
    unknown = 0,      ///< no opinion; combined: inconclusive
    benign = 1,       ///< looked at all of it, found nothing
    suspicious = 2,   ///< a weak sign, or unwanted
    malicious = 3,
};

[[nodiscard]] std::string_view to_text(Verdict verdict);
[[nodiscard]] std::optional<Verdict> parse_verdict(std::string_view text);

/// malicious > suspicious > unknown > benign.
[[nodiscard]] constexpr int severity(Verdict verdict) {
    switch (verdict) {
        case Verdict::malicious:
            return 3;
        case Verdict::suspicious:
            return 2;
        case Verdict::unknown:
            return 1;
        case Verdict::benign:
            return 0;
    }
    return 1;
}

/// Confidences and thresholds are whole ten-thousandths, so that ties are exact on every machine.
using BasisPoints = std::uint32_t;
inline constexpr BasisPoints kCertain = 10'000;

}   // namespace microengine::core
