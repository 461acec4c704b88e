// SPDX-License-Identifier: MIT
#include "json.hpp"

#include "plugins/support/utf8.hpp"

#include <algorithm>

namespace microengine::yara {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

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
        const std::size_t size = utf8::character_size(text);
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
