// SPDX-License-Identifier: MIT
#include "host/bounty/wei.hpp"

#include "host/bounty/json.hpp"

#include <algorithm>

namespace microengine::bounty {

namespace {

using util::Errc;
using util::fail;

constexpr std::size_t kMostDigits = 29;   // of 2^96
constexpr std::size_t kNctDecimals = 18;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool are_digits(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_digit); }

/// Of digits, nothing else; what is too large is none.
std::optional<Uint128> value_of(std::string_view digits) {
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
    if (digits.size() > kMostDigits) return std::nullopt;
    Uint128 value = 0;
    for (const char c : digits) value = value * 10 + static_cast<unsigned>(c - '0');
    if (value >= kWeiEnd) return std::nullopt;
    return value;
}

std::string digits_of(Uint128 value) {
    std::string text;
    do {
        text += static_cast<char>('0' + static_cast<int>(value % 10));
        value /= 10;
    } while (value != 0);
    std::ranges::reverse(text);
    return text;
}

/// Far beyond any power of ten that matters, and far from where adding a length would overflow.
constexpr std::int64_t kMostExponent = std::int64_t{1} << 40;

std::int64_t exponent_of(std::string_view text) {
    if (text.empty()) return 0;
    const bool negative = text.front() == '-';
    if (!is_digit(text.front())) text.remove_prefix(1);
    std::int64_t value = 0;
    for (const char c : text) value = std::min(value * 10 + (c - '0'), kMostExponent);
    return negative ? -value : value;
}

/// Of a JSON number: the digits without point and leading zeros, and where the point belongs.
struct Decimal {
    std::string digits;       ///< empty: zero
    std::int64_t point = 0;   ///< before digits[point]; may lie outside
};

Decimal decimal_of(std::string_view number) {
    const std::size_t e = std::min(number.find_first_of("eE"), number.size());
    const std::string_view mantissa = number.substr(0, e);
    const std::size_t dot = std::min(mantissa.find('.'), mantissa.size());
    Decimal decimal{.digits = std::string(mantissa.substr(0, dot)), .point = static_cast<std::int64_t>(dot)};
    if (dot < mantissa.size()) decimal.digits += mantissa.substr(dot + 1);
    if (e < number.size()) decimal.point += exponent_of(number.substr(e + 1));
    const std::size_t zeros = std::min(decimal.digits.find_first_not_of('0'), decimal.digits.size());
    decimal.digits.erase(0, zeros);
    decimal.point -= static_cast<std::int64_t>(zeros);
    return decimal;
}

std::optional<Wei> whole_of(const Decimal& decimal, Round fraction) {
    if (decimal.digits.empty()) return Wei{};
    if (decimal.point > static_cast<std::int64_t>(kMostDigits)) return std::nullopt;
    const auto point = static_cast<std::size_t>(std::max<std::int64_t>(decimal.point, 0));
    std::string whole = decimal.digits.substr(0, point);
    const bool cut = whole.size() < decimal.digits.size() &&
                     decimal.digits.find_first_not_of('0', whole.size()) != std::string::npos;
    whole.resize(point, '0');
    auto value = value_of(whole);
    if (!value) return std::nullopt;
    if (cut && fraction == Round::up) ++*value;
    if (*value >= kWeiEnd) return std::nullopt;
    return Wei{*value};
}

}   // namespace

std::string to_text(Wei amount) { return digits_of(amount.value); }

std::string to_nct(Wei amount) {
    std::string text = digits_of(amount.value / kOneNct.value);
    std::string fraction = digits_of(amount.value % kOneNct.value);
    fraction.insert(0, kNctDecimals - fraction.size(), '0');
    fraction.erase(fraction.find_last_not_of('0') + 1);   // npos + 1 is 0
    if (!fraction.empty()) text += "." + fraction;
    return text + " NCT";
}

std::optional<Wei> parse_wei(std::string_view digits) {
    if (!are_digits(digits)) return std::nullopt;
    const auto value = value_of(digits);
    if (!value) return std::nullopt;
    return Wei{*value};
}

util::Result<Wei> parse_amount(std::string_view text) {
    constexpr std::string_view wanted =
        "expected an amount with its unit, such as \"1.5 NCT\" or \"62500000000000000 wei\"";
    const std::size_t end = std::min(text.find_first_not_of("0123456789."), text.size());
    const std::string_view number = text.substr(0, end);
    const std::string_view behind = text.substr(end);
    const std::string_view unit = behind.substr(std::min(behind.find_first_not_of(' '), behind.size()));
    const std::size_t dot = std::min(number.find('.'), number.size());
    std::string digits(number.substr(0, dot));
    std::string decimals(number.substr(std::min(dot + 1, number.size())));
    if (!are_digits(digits) || (dot < number.size() && !are_digits(decimals)))
        return fail(Errc::config, "", wanted);
    if (unit == "NCT") {
        if (decimals.size() > kNctDecimals)
            return fail(Errc::config, "", "a wei is the least: at most 18 decimals of an NCT");
        decimals.resize(kNctDecimals, '0');
        digits += decimals;
    } else if (unit != "wei") {
        return fail(Errc::config, "", wanted);
    } else if (dot < number.size()) {
        return fail(Errc::config, "", "a wei is the least: it has no decimals");
    }
    const auto amount = parse_wei(digits);
    if (!amount) return fail(Errc::config, "", "an amount is less than 79228162514 NCT");   // 2^96 wei
    return *amount;
}

std::optional<Wei> parse_rule_value(std::string_view token, Round fraction) {
    if (token.size() >= 2 && token.starts_with('"') && token.ends_with('"'))
        return parse_wei(token.substr(1, token.size() - 2));
    if (!is_json_number(token)) return std::nullopt;
    const bool negative = token.starts_with('-');
    const Decimal decimal = decimal_of(token.substr(negative ? 1 : 0));
    if (negative && !decimal.digits.empty()) return std::nullopt;
    return whole_of(decimal, fraction);
}

}   // namespace microengine::bounty
