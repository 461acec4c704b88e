// SPDX-License-Identifier: MIT
// The escapes of JSON's strings, both ways.
#include "host/bounty/json.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace microengine::bounty {

namespace {

constexpr char32_t kReplacement = 0xFFFD;

char byte_of(char32_t value) { return static_cast<char>(static_cast<unsigned char>(value)); }

void append_utf8(std::string& out, char32_t point) {
    if (point < 0x80) {
        out += byte_of(point);
        return;
    }
    if (point < 0x800) {
        out += byte_of(0xC0 | point >> 6);
    } else {
        if (point < 0x10000) {
            out += byte_of(0xE0 | point >> 12);
        } else {
            out += byte_of(0xF0 | point >> 18);
            out += byte_of(0x80 | (point >> 12 & 0x3F));
        }
        out += byte_of(0x80 | (point >> 6 & 0x3F));
    }
    out += byte_of(0x80 | (point & 0x3F));
}

bool is_high(char32_t unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool is_low(char32_t unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

/// Of `\uNNNN` at the start of text; 0: there is none.
char32_t unit_at(std::string_view text) {
    std::uint32_t unit = 0;
    if (text.size() < 6 || !text.starts_with("\\u")) return 0;
    (void)std::from_chars(text.data() + 2, text.data() + 6, unit, 16);
    return unit;
}

/// Of the escape at the start of text, which is well-formed; answers how long it is.
std::size_t append_escape(std::string& out, std::string_view text) {
    constexpr std::string_view letters = "bfnrt";
    constexpr std::string_view meant = "\b\f\n\r\t";
    if (text[1] != 'u') {
        const std::size_t found = letters.find(text[1]);
        out += found == std::string_view::npos ? text[1] : meant[found];
        return 2;
    }
    const char32_t unit = unit_at(text);
    if (!is_high(unit) && !is_low(unit)) {
        append_utf8(out, unit);
        return 6;
    }
    const char32_t second = unit_at(text.substr(6));
    if (is_high(unit) && is_low(second)) {
        append_utf8(out, 0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00));
        return 12;
    }
    append_utf8(out, kReplacement);
    return 6;
}

}   // namespace

std::string text_of(const JsonValue& text) {
    std::string out;
    if (text.kind != JsonValue::Kind::text) return out;
    const std::string_view inside = text.raw.substr(1, text.raw.size() - 2);
    for (std::size_t at = 0; at < inside.size();) {
        const std::size_t escape = std::min(inside.find('\\', at), inside.size());
        out += inside.substr(at, escape - at);
        at = escape;
        if (at < inside.size()) at += append_escape(out, inside.substr(at));
    }
    return out;
}

std::string to_json_text(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20) {
            out += "\\u00";
            out += byte < 0x10 ? '0' : '1';
            out += "0123456789abcdef"[byte & 15];
            continue;
        }
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    out += '"';
    return out;
}

}   // namespace microengine::bounty
