// SPDX-License-Identifier: MIT
#pragma once
// Amounts of NCT, exactly: 1 NCT = 10^18 wei. A double holds only 2^53 of them, 0.009 NCT, so no floating
// point is on any way from a rule to a bid. Pure; any thread.

#include "host/util/result.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace microengine::bounty {

__extension__ using Uint128 = unsigned __int128;

/// Less than 2^96: sums of thousands of them and products with a million stay below 2^128.
struct Wei {
    Uint128 value = 0;
    [[nodiscard]] constexpr auto operator<=>(const Wei&) const = default;
};
inline constexpr Uint128 kWeiEnd = static_cast<Uint128>(1) << 96;
inline constexpr Wei kOneNct{1'000'000'000'000'000'000U};

/// In decimal digits, as replies and the journal have it.
[[nodiscard]] std::string to_text(Wei amount);
/// "1.0625 NCT", for people: no digit is lost, none is superfluous.
[[nodiscard]] std::string to_nct(Wei amount);
/// The way back of to_text.
[[nodiscard]] std::optional<Wei> parse_wei(std::string_view digits);
/// As a configuration says it: "1.5 NCT", "62500000000000000 wei". The error says what is wanted.
[[nodiscard]] util::Result<Wei> parse_amount(std::string_view text);

enum class Round : std::uint8_t { up, down };
/// A value of a bounty's rules from its raw JSON token: an integer, a number with fraction or exponent, or a
/// string of digits. Nothing: negative, 2^96 or more, or of another type.
[[nodiscard]] std::optional<Wei> parse_rule_value(std::string_view token, Round fraction);

}   // namespace microengine::bounty
