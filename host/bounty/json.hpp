// SPDX-License-Identifier: MIT
#pragma once
// JSON as the marketplace needs it: every number and string as its raw token, because an id may be longer
// than 64 bits and a bid does not fit a double. nlohmann/json has no raw text of integers, refuses numbers
// that no double holds and halves of surrogates, and stops at a byte 0. No tree either: a value that nobody
// asks for costs no memory. Strict as RFC 8259, in UTF-8. Pure; any thread.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::bounty {

inline constexpr std::size_t kMostNesting = 32;   ///< of objects and arrays; deeper is refused

struct JsonValue {
    enum class Kind : std::uint8_t { null, boolean, number, text, object, array };
    Kind kind = Kind::null;
    std::string_view raw;   ///< the token as sent; of objects and arrays from bracket to bracket
};
/// By decoded name. Of doubled names the last one holds.
using JsonMembers = std::map<std::string, JsonValue, std::less<>>;

/// Where reading it ends: behind the value and the blanks around it, or at the byte that does not belong.
struct JsonEnd {
    std::optional<JsonValue> value;   ///< nothing: malformed or too deep
    std::size_t at = 0;
};
/// The one value that the text is. Its parts are checked too.
[[nodiscard]] JsonEnd read_json(std::string_view text);

/// Of a value from here; what it is made of has been checked. Views into the same text.
[[nodiscard]] JsonMembers members_of(const JsonValue& object);
/// Of the object by this name; none, if there is no such object.
[[nodiscard]] JsonMembers members_of(const JsonMembers& members, std::string_view name);
/// Null: there is none of this name.
[[nodiscard]] const JsonValue* find(const JsonMembers& members, std::string_view name);
[[nodiscard]] std::vector<JsonValue> items_of(const JsonValue& array);
/// The decoded text, in UTF-8. A lone surrogate, which no UTF-8 can hold, becomes U+FFFD.
[[nodiscard]] std::string text_of(const JsonValue& text);

[[nodiscard]] bool is_json_number(std::string_view text);
/// Written as one: neither fraction nor exponent.
[[nodiscard]] bool is_integer(const JsonValue& value);

/// With quotes, escaped. Precondition: UTF-8.
[[nodiscard]] std::string to_json_text(std::string_view text);

}   // namespace microengine::bounty
