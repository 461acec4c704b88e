// SPDX-License-Identifier: MIT
#pragma once
// Text from outside made safe to show, and small text chores.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::util {

/// A code point and how many bytes it takes.
struct Character {
    char32_t point = 0;
    std::size_t size = 0;   ///< 0: not well-formed
};
/// The one at the start of text: shortest form, no surrogates, at most U+10FFFF (Unicode 15, table 3-7).
[[nodiscard]] Character decode(std::string_view text);
/// Could it steer a terminal or hide from a reader's eye? Controls, direction marks and overrides, zero
/// width.
[[nodiscard]] bool is_deceptive(char32_t point);

[[nodiscard]] bool is_utf8(std::string_view text);
/// Every byte that is not part of well-formed UTF-8 becomes U+FFFD.
[[nodiscard]] std::string to_utf8(std::string_view text);
/// For a terminal or a log: deceptive characters and bytes that are no UTF-8 become \xNN or \u{NNNN}.
[[nodiscard]] std::string printable(std::string_view text);
/// The same for text of several lines: line feeds stay.
[[nodiscard]] std::string printable_lines(std::string_view text);
/// At most max_bytes, cut at a character border.
[[nodiscard]] std::string_view cut(std::string_view text, std::size_t max_bytes);

/// The candidate that was probably meant, or "". Small typing errors only.
[[nodiscard]] std::string_view did_you_mean(std::string_view word,
                                            std::span<const std::string_view> candidates);

/// "a, b and c"; more than `most` names: "a, b, c and 4 more".
[[nodiscard]] std::string join_names(std::span<const std::string> names, std::size_t most);
/// "1.5 MB", "68 bytes": decimal units, for people.
[[nodiscard]] std::string human_bytes(std::uint64_t bytes);
/// "410 ms", "2.3 s", "4 min 10 s", "850 µs".
[[nodiscard]] std::string human_duration(std::uint64_t nanoseconds);
/// "1,234,567".
[[nodiscard]] std::string with_commas(std::uint64_t number);

}   // namespace microengine::util
