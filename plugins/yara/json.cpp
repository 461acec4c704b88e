// SPDX-License-Identifier: MIT
#include "json.hpp"

#include <algorithm>
#include <array>

namespace microengine::yara {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80; }

/// The range of the second byte after a lead byte, which is what rules out overlong forms, surrogates and
/// values above U+10FFFF (Unicode, table 3-7).
struct Lead {
    unsigned char first, last;
    std::size_t size;
    unsigned char second_first, second_last;
};
constexpr std::array kLeads{
    Lead{0xC2, 0xDF, 2, 0x80, 0xBF}, Lead{0xE0, 0xE0, 3, 0xA0, 0xBF}, Lead{0xE1, 0xEC, 3, 0x80, 0xBF},
    Lead{0xED, 0xED, 3, 0x80, 0x9F}, Lead{0xEE, 0xEF, 3, 0x80, 0xBF}, Lead{0xF0, 0xF0, 4, 0x90, 0xBF},
    Lead{0xF1, 0xF3, 4, 0x80, 0xBF}, Lead{0xF4, 0xF4, 4, 0x80, 0x8F},
};

/// How many bytes the well-formed character at the front of text has; 0: none is there.
std::size_t character_size(std::string_view text) {
    const auto byte = static_cast<unsigned char>(text[0]);
    if (byte < 0x80) return 1;
    for (const Lead& lead : kLeads) {
        if (byte < lead.first || byte > lead.last) continue;
        if (text.size() < lead.size) return 0;
        const auto second = static_cast<unsigned char>(text[1]);
        if (second < lead.second_first || second > lead.second_last) return 0;
        return std::ranges::all_of(text.substr(2, lead.size - 2), is_continuation) ? lead.size : 0;
    }
    return 0;
}

void append_ascii(std::string& json, char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    if (c == '"' || c == '\\') {
        json += {'\\', c};
    } else if (c == '\n') {
        json += "\\n";
    } else if (c == '\t') {
        json += "\\t";
    } else if (const auto byte = static_cast<unsigned char>(c); byte < 0x20 || byte == 0x7F) {
        json += {'\\', 'u', '0', '0', digits[byte >> 4U], digits[byte & 0xFU]};
    } else {
        json += c;
    }
}

}   // namespace

void append_json_string(std::string& json, std::string_view text) {
    json += '"';
    while (!text.empty()) {
        const std::size_t size = character_size(text);
        if (size == 0)
            json += kReplacement;
        else if (size == 1)
            append_ascii(json, text[0]);
        else
            json += text.substr(0, size);
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    json += '"';
}

std::string_view cut(std::string_view text, std::size_t size) {
    if (text.size() <= size) return text;
    constexpr std::size_t longest_tail = 3;
    const std::size_t earliest = size > longest_tail ? size - longest_tail : 0;
    std::size_t end = size;
    while (end > earliest && is_continuation(text[end])) --end;
    return text.substr(0, is_continuation(text[end]) ? size : end);
}

void JsonObject::begin(std::string_view key) {
    json_ += json_.empty() ? '{' : ',';
    append_json_string(json_, key);
    json_ += ':';
}

JsonObject& JsonObject::add(std::string_view key, std::string_view value) {
    begin(key);
    append_json_string(json_, value);
    return *this;
}

JsonObject& JsonObject::add(std::string_view key, std::int64_t value) {
    begin(key);
    json_ += std::to_string(value);
    return *this;
}

JsonObject& JsonObject::add_boolean(std::string_view key, bool value) {
    begin(key);
    json_ += value ? "true" : "false";
    return *this;
}

std::string JsonObject::finish() {
    if (!json_.empty()) json_ += '}';
    return std::move(json_);
}

}   // namespace microengine::yara
