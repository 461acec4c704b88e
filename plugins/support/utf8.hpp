// SPDX-License-Identifier: MIT
#pragma once
// Text as the host wants it. What backends hand on comes in any encoding, and of any length.

#include <cstddef>
#include <string>
#include <string_view>

namespace microengine::utf8 {

/// Bytes of the well-formed character at the front of a text that is not empty; 0: there is none.
[[nodiscard]] std::size_t character_size(std::string_view text);
/// The first `most` bytes, or fewer where that would part a character.
[[nodiscard]] std::string_view cut(std::string_view text, std::size_t most);
/// At most `most` bytes of valid UTF-8: a byte that is none becomes U+FFFD.
[[nodiscard]] std::string valid(std::string_view text, std::size_t most);

}   // namespace microengine::utf8
