// SPDX-License-Identifier: MIT
// Values and rules in words: for messages and for TOML.

#include "host/config/value.hpp"
#include "host/util/text.hpp"

#include <charconv>
#include <cmath>

namespace microengine::config {

namespace {

constexpr std::size_t kLongestShown = 60;

std::string in_quotes(std::string_view text) {
    return "\"" + util::printable(util::cut(text, kLongestShown)) +
           (text.size() > kLongestShown ? "…\"" : "\"");
}

std::string number_text(double number) {
    if (std::isnan(number)) return "nan";
    if (std::isinf(number)) return number < 0 ? "-inf" : "inf";
    // As people write it, unless that would be a row of zeros.
    constexpr double least = 1e-9;
    constexpr double most = 1e15;
    char buffer[64];
    const bool plain = number == 0 || (std::abs(number) >= least && std::abs(number) < most);
    const auto format = plain ? std::chars_format::fixed : std::chars_format::general;
    return {buffer, std::to_chars(buffer, buffer + sizeof buffer, number, format).ptr};
}

std::string or_list(std::string_view allowed) {
    const auto all = choices(allowed);
    std::string text;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (i > 0) text += i + 1 == all.size() ? " or " : ", ";
        text += all[i];
    }
    return text;
}

/// A basic string: every control character escaped, so that no value can end it.
std::string toml_string(std::string_view text) {
    std::string out = "\"";
    for (const char c : escape_dollars(text)) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20 || byte == 0x7F) {
            constexpr std::string_view hex_digits = "0123456789abcdef";
            out += "\\u00";
            out += hex_digits[byte >> 4];
            out += hex_digits[byte & 15];
        } else {
            out += c;
        }
    }
    return out + '"';
}

std::string toml_value(const Rule& rule, const core::SettingValue& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return toml_string(*text);
    if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
    const std::int64_t number = std::get<std::int64_t>(value);
    return rule.kind == Kind::decimal ? decimal_text(number) : std::to_string(number);
}

}   // namespace

std::string describe(const Node& node) {
    switch (node.kind) {
        case Node::Kind::string:
            return in_quotes(node.string);
        case Node::Kind::integer:
            return std::to_string(node.integer);
        case Node::Kind::decimal:
            return number_text(node.decimal);
        case Node::Kind::boolean:
            return node.boolean ? "true" : "false";
        case Node::Kind::date:
            return "a date";
        case Node::Kind::list:
            return "a list";
        case Node::Kind::table:
            return "a table";
    }
    return "nothing";
}

std::string must_be(const Rule& rule) {
    switch (rule.kind) {
        case Kind::string:
            return rule.list ? "a list of strings" : "a string";
        case Kind::name:
            return "1 to 64 of A-Z a-z 0-9 _ . -";
        case Kind::plugin:
            return "a bare name in the plugin directory or an absolute path";
        case Kind::path:
            return rule.list ? "a list of paths" : "a path";
        case Kind::sha256:
            return "64 hexadecimal digits";
        case Kind::choice:
            return or_list(rule.allowed);
        case Kind::integer:
            return rule.allowed.contains("..") ? "in " + std::string(rule.allowed) : "a whole number";
        case Kind::decimal:
            return "in " + std::string(rule.allowed);
        case Kind::boolean:
            return "true or false";
        case Kind::endpoint:
            return "addresses such as \"127.0.0.1:3310\", \"[::1]:3310\", \"/run/microengine/clamd.sock\" or "
                   "\"systemd:NAME\"";
        case Kind::network:
            return "networks such as \"10.0.0.0/8\" or \"fd00::/8\"";
        case Kind::file_mode:
            return "an octal mode such as \"0660\"";
        case Kind::version:
            return "a release such as \"1.4.6\"";
        case Kind::amount:
            return "an amount such as \"1.5 NCT\" or \"62500000000000000 wei\"";
        case Kind::url_path:
            return "a path of letters, digits and _ . ~ - such as \"/polyswarm\"";
        case Kind::table:
            return "a table";
    }
    return {};
}

std::string decimal_text(std::int64_t ten_thousandths) {
    const auto units = static_cast<std::uint64_t>(ten_thousandths < 0 ? -ten_thousandths : ten_thousandths);
    std::string decimals = std::to_string(10'000 + units % 10'000).substr(1);
    while (decimals.size() > 1 && decimals.back() == '0') decimals.pop_back();
    return (ten_thousandths < 0 ? "-" : "") + std::to_string(units / 10'000) + "." + decimals;
}

std::string toml_text(const Rule& rule, const Values& values) {
    if (!rule.list) return values.empty() ? "" : toml_value(rule, values.front());
    std::string text = "[";
    for (const core::SettingValue& value : values) {
        if (text.size() > 1) text += ", ";
        text += toml_value(rule, value);
    }
    return text + "]";
}

}   // namespace microengine::config
