// SPDX-License-Identifier: MIT
#pragma once
// Points in time as PolySwarm writes them: ISO 8601 in several spellings. Pure; any thread.

#include <cstdint>
#include <optional>
#include <string_view>

namespace microengine::bounty {

/// Milliseconds since 1970 UTC of `YYYY-MM-DD`, then `T`, `t` or a blank, `hh:mm[:ss[(.|,)digits]]`, then
/// nothing, `Z`, `z`, `+hh`, `+hhmm` or `+hh:mm` (also minus). Without an offset it is UTC. Digits beyond
/// milliseconds are cut. Nothing: it is none.
[[nodiscard]] std::optional<std::int64_t> parse_timestamp(std::string_view text);

}   // namespace microengine::bounty
