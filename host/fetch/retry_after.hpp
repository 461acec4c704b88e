// SPDX-License-Identifier: MIT
#pragma once
// When a server wants to be asked again (RFC 9110, 10.2.3). Pure; any thread.

#include <chrono>
#include <string_view>

namespace microengine::fetch {

/// Seconds, or a date as HTTP writes it; a day at most. 0: it is past, or neither.
[[nodiscard]] std::chrono::milliseconds parse_retry_after(std::string_view text,
                                                          std::chrono::system_clock::time_point now);

}   // namespace microengine::fetch
