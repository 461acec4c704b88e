// SPDX-License-Identifier: MIT
#pragma once
// What an artifact probably is, from its first bytes. A pure function of hostile bytes; a hint for routing
// and reports, never a reason to call something benign.

#include <cstdint>
#include <span>
#include <string_view>

namespace microengine::intake {

/// "application/pdf"; "inode/x-empty" for nothing, "text/plain" for UTF-8 text, else
/// "application/octet-stream".
[[nodiscard]] std::string_view guess_mime(std::span<const std::uint8_t> bytes);

}   // namespace microengine::intake
