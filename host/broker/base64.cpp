// SPDX-License-Identifier: MIT
#include "host/broker/job_text.hpp"

#include <openssl/evp.h>

#include <limits>

namespace microengine::broker {

namespace {

const unsigned char* chars(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* chars(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

constexpr std::size_t kMost = std::numeric_limits<int>::max() / 2;

}   // namespace

std::string to_base64(std::string_view bytes) {
    util::ensure(bytes.size() < kMost, "only what fits into a message is written");
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');   // it writes a zero behind the end
    const int size = EVP_EncodeBlock(chars(text), chars(bytes), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

std::optional<std::string> from_base64(std::string_view text) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (text.size() % 4 != 0 || text.size() >= kMost) return std::nullopt;
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    // The library also takes blanks and other spellings.
    if (text.substr(0, text.size() - padding).find_first_not_of(digits) != std::string_view::npos)
        return std::nullopt;
    std::string bytes(text.size() / 4 * 3, '\0');
    const int size = EVP_DecodeBlock(chars(bytes), chars(text), static_cast<int>(text.size()));
    if (size < 0) return std::nullopt;
    bytes.resize(static_cast<std::size_t>(size) - padding);
    return bytes;
}

}   // namespace microengine::broker
