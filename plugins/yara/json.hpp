// SPDX-License-Identifier: MIT
#pragma once
// Writes one flat JSON object. Whatever goes in, valid JSON in valid UTF-8 comes out.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace microengine::yara {

/// Appends text as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& json, std::string_view text);

class JsonObject {
public:
    JsonObject& add(std::string_view key, std::string_view value);
    JsonObject& add(std::string_view key, std::int64_t value);
    JsonObject& add_boolean(std::string_view key, bool value);
    /// The whole object; empty text if nothing was added.
    [[nodiscard]] std::string finish();

private:
    void begin(std::string_view key);
    std::string json_;
};

}   // namespace microengine::yara
