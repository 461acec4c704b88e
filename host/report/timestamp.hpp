// SPDX-License-Identifier: MIT
#pragma once
// RFC 3339 times in UTC, whole seconds: "2025-01-06T09:40:55Z".

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace microengine::report {

/// Nothing for years that RFC 3339 cannot write (before 0 or after 9999).
[[nodiscard]] std::optional<std::string> to_timestamp(std::int64_t unix_seconds);
/// Exactly the form above.
[[nodiscard]] std::optional<std::int64_t> parse_timestamp(std::string_view text);

}   // namespace microengine::report
