// SPDX-License-Identifier: MIT
#include "host/fetch/data_url.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace microengine::fetch {

namespace {

using util::Errc;
using util::fail;

constexpr std::string_view kScheme = "data:";
constexpr std::string_view kPlace = "data";   // of errors; what stands in it is the sender's
constexpr std::string_view kBase64 = "base64";
constexpr std::uint8_t kNoDigit = 0xFF;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_word(std::string_view text, std::string_view word) {
    return std::ranges::equal(text, word, {}, lower);
}

bool is_blank(std::uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r' && c != '\v'); }

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

std::optional<std::uint8_t> hex_digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
    if (lower(c) >= 'a' && lower(c) <= 'f') return static_cast<std::uint8_t>(lower(c) - 'a' + 10);
    return std::nullopt;
}

/// Both alphabets of RFC 4648.
constexpr std::array<std::uint8_t, 256> kDigits = [] {
    std::array<std::uint8_t, 256> digits{};
    digits.fill(kNoDigit);
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        digits[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
    digits['-'] = digits['+'];
    digits['_'] = digits['/'];
    return digits;
}();

/// Each byte after percent-decoding. A "%" that two digits do not follow stands for itself, as in browsers.
template <class Take>
void each_byte(std::string_view text, Take take) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escape = text[i] == '%' && i + 2 < text.size();
        const auto high = escape ? hex_digit(text[i + 1]) : std::nullopt;
        const auto low = escape ? hex_digit(text[i + 2]) : std::nullopt;
        if (high && low) i += 2;
        take(high && low ? static_cast<std::uint8_t>(*high * 16 + *low) : static_cast<std::uint8_t>(text[i]));
    }
}

std::unexpected<util::Error> too_large(std::size_t size, std::size_t most_bytes) {
    return fail(
        Errc::limit, kPlace,
        "has " + std::to_string(size) + " bytes, at most " + std::to_string(most_bytes) + " are taken");
}

util::Result<std::vector<std::uint8_t>> plain(std::string_view text, std::size_t most_bytes) {
    std::size_t size = 0;
    each_byte(text, [&size](std::uint8_t) { ++size; });
    if (size > most_bytes) return too_large(size, most_bytes);
    std::vector<std::uint8_t> bytes;
    bytes.reserve(size);
    each_byte(text, [&bytes](std::uint8_t byte) { bytes.push_back(byte); });
    return bytes;
}

struct Count {
    std::size_t digits = 0;
    std::size_t padding = 0;
    bool wrong = false;   // another character, or a digit behind the padding

    [[nodiscard]] std::size_t bytes() const { return digits / 4 * 3 + digits % 4 * 3 / 4; }
    [[nodiscard]] bool whole() const {
        return !wrong && digits % 4 != 1 && (padding == 0 || (padding <= 2 && (digits + padding) % 4 == 0));
    }
};

Count count_base64(std::string_view text) {
    Count count;
    each_byte(text, [&count](std::uint8_t c) {
        if (c == '=')
            ++count.padding;
        else if (kDigits[c] != kNoDigit && count.padding == 0)
            ++count.digits;
        else
            count.wrong = count.wrong || !is_blank(c);
    });
    return count;
}

util::Result<std::vector<std::uint8_t>> base64(std::string_view text, std::size_t most_bytes) {
    const Count count = count_base64(text);
    if (!count.whole()) return fail(Errc::usage, kPlace, "what follows ;base64 is no base64");
    if (count.bytes() > most_bytes) return too_large(count.bytes(), most_bytes);
    std::vector<std::uint8_t> bytes;
    bytes.reserve(count.bytes());
    std::uint32_t gathered = 0;
    unsigned bits = 0;
    each_byte(text, [&](std::uint8_t c) {
        if (kDigits[c] == kNoDigit) return;
        gathered = gathered << 6 | kDigits[c];
        bits += 6;
        if (bits < 8) return;
        bits -= 8;
        bytes.push_back(static_cast<std::uint8_t>(gathered >> bits));
    });
    return bytes;
}

}   // namespace

bool is_data_url(std::string_view url) { return same_word(url.substr(0, kScheme.size()), kScheme); }

util::Result<DataUrl> decode_data_url(std::string_view url, std::size_t most_bytes) {
    if (!is_data_url(url)) return fail(Errc::usage, kPlace, "the URL has another scheme");
    url.remove_prefix(kScheme.size());
    url = url.substr(0, url.find('#'));
    const std::size_t comma = url.find(',');
    if (comma == std::string_view::npos) return fail(Errc::usage, kPlace, "there is no comma in it");
    const std::string_view head = url.substr(0, comma);
    const std::string_view body = url.substr(comma + 1);
    const std::size_t last = head.rfind(';');
    const bool coded = last != std::string_view::npos && same_word(trimmed(head.substr(last + 1)), kBase64);
    DataUrl decoded;
    decoded.type = trimmed(head.substr(0, head.find(';')));
    decoded.bytes = coded ? ME_TRY(base64(body, most_bytes)) : ME_TRY(plain(body, most_bytes));
    return decoded;
}

}   // namespace microengine::fetch
