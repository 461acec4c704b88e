// SPDX-License-Identifier: MIT
#include "host/util/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <utility>

namespace microengine::util {

namespace {

void append_hex(std::string& out, char32_t value, int digits) {
    for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out += "0123456789abcdef"[value >> shift & 15];
}

/// Levenshtein distance with transpositions counted once (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(last.begin(), last.end(), 0);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, change});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
        before_last = std::exchange(last, row);
    }
    return last[b.size()];
}

std::string one_decimal(std::uint64_t value, std::uint64_t unit) {
    const std::uint64_t tenths = (value * 10 + unit / 2) / unit;
    std::string text = std::to_string(tenths / 10);
    if (tenths < 1000 && tenths % 10 != 0) text += '.' + std::to_string(tenths % 10);
    return text;
}

/// How many bytes at the start are ASCII, as far as eight at a time tell.
std::size_t ascii_prefix(std::string_view text) {
    constexpr std::uint64_t high_bits = 0x8080'8080'8080'8080;
    std::size_t at = 0;
    for (std::uint64_t eight = 0; at + sizeof eight <= text.size(); at += sizeof eight) {
        std::memcpy(&eight, text.data() + at, sizeof eight);
        if ((eight & high_bits) != 0) break;
    }
    return at;
}

}   // namespace

Character decode(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto continues = [&](std::size_t i) { return i < text.size() && (byte(i) & 0xC0) == 0x80; };
    if (text.empty()) return {};
    const unsigned first = byte(0);
    if (first < 0x80) return {first, 1};
    if (first >= 0xC2 && first <= 0xDF && continues(1)) return {(first & 0x1Fu) << 6 | (byte(1) & 0x3Fu), 2};
    if ((first & 0xF0) == 0xE0 && continues(1) && continues(2)) {
        const char32_t point = (first & 0x0Fu) << 12 | (byte(1) & 0x3Fu) << 6 | (byte(2) & 0x3Fu);
        if (point < 0x800 || (point >= 0xD800 && point <= 0xDFFF)) return {};
        return {point, 3};
    }
    if (first >= 0xF0 && first <= 0xF4 && continues(1) && continues(2) && continues(3)) {
        const char32_t point =
            (first & 0x07u) << 18 | (byte(1) & 0x3Fu) << 12 | (byte(2) & 0x3Fu) << 6 | (byte(3) & 0x3Fu);
        if (point < 0x10000 || point > 0x10FFFF) return {};
        return {point, 4};
    }
    return {};
}

bool is_deceptive(char32_t point) {
    struct Range {
        char32_t first, last;
    };
    // Controls, soft hyphen, direction marks, zero width, separators, overrides, isolates, invisible
    // operators, byte order mark, interlinear annotations, tags.
    constexpr std::array deceptive{Range{0x00, 0x1F},     Range{0x7F, 0x9F},      Range{0xAD, 0xAD},
                                   Range{0x61C, 0x61C},   Range{0x180E, 0x180E},  Range{0x200B, 0x200F},
                                   Range{0x2028, 0x202E}, Range{0x2060, 0x206F},  Range{0xFEFF, 0xFEFF},
                                   Range{0xFFF9, 0xFFFB}, Range{0xE0000, 0xE007F}};
    return std::ranges::any_of(deceptive,
                               [&](Range range) { return range.first <= point && point <= range.last; });
}

bool is_utf8(std::string_view text) {
    for (;;) {
        text.remove_prefix(ascii_prefix(text));
        if (text.empty()) return true;
        const std::size_t size = decode(text).size;
        if (size == 0) return false;
        text.remove_prefix(size);
    }
}

std::string to_utf8(std::string_view text) {
    if (is_utf8(text)) return std::string(text);
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const std::size_t size = decode(text).size;
        out += size == 0 ? std::string_view("\xEF\xBF\xBD") : text.substr(0, size);
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return out;
}

std::string printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto [point, size] = decode(text);
        if (size > 0 && !is_deceptive(point)) {
            out += text.substr(0, size);
        } else if (size <= 1) {
            out += "\\x";
            append_hex(out, static_cast<unsigned char>(text[0]), 2);
        } else {
            out += "\\u{";
            append_hex(out, point, 4);
            out += '}';
        }
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return out;
}

std::string printable_lines(std::string_view text) {
    std::string out;
    for (std::size_t end = 0; end != text.npos; text.remove_prefix(end == text.npos ? 0 : end + 1)) {
        end = text.find('\n');
        out += printable(text.substr(0, end));
        if (end != text.npos) out += '\n';
    }
    return out;
}

std::string_view cut(std::string_view text, std::size_t max_bytes) {
    if (text.size() <= max_bytes) return text;
    while (max_bytes > 0 && (static_cast<unsigned char>(text[max_bytes]) & 0xC0) == 0x80) --max_bytes;
    return text.substr(0, max_bytes);
}

std::string_view did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
    std::string_view best;
    std::size_t least = 1 + std::min<std::size_t>(3, word.size() / 3);
    for (const std::string_view candidate : candidates) {
        if (candidate.size() > word.size() + 3 || word.size() > candidate.size() + 3) continue;
        // Half a word is meant as the whole one: "timeout" for "timeout_ms".
        const std::size_t far =
            word.size() > 3 && candidate.starts_with(word) ? 1 : distance(word, candidate);
        if (far < least) {
            least = far;
            best = candidate;
        }
    }
    return best;
}

std::string join_names(std::span<const std::string> names, std::size_t most) {
    std::string text;
    const bool all = names.size() <= most;
    const std::size_t shown = all ? names.size() : most;
    for (std::size_t i = 0; i < shown; ++i) {
        if (i > 0) text += all && i + 1 == shown ? " and " : ", ";
        text += names[i];
    }
    if (!all) text += " and " + std::to_string(names.size() - shown) + " more";
    return text;
}

std::string human_bytes(std::uint64_t bytes) {
    if (bytes < 1000) return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
    constexpr std::array units{" kB", " MB", " GB", " TB", " PB"};
    std::uint64_t unit = 1000;
    std::size_t index = 0;
    while (index + 1 < units.size() && bytes / 1000 >= unit) {
        unit *= 1000;
        ++index;
    }
    // In steps, so that the product inside one_decimal cannot overflow.
    return one_decimal(bytes / (unit / 1000), 1000) + units[index];
}

std::string human_duration(std::uint64_t nanoseconds) {
    if (nanoseconds < 1'000'000) return std::to_string(nanoseconds / 1000) + " µs";
    if (nanoseconds < 1'000'000'000) return one_decimal(nanoseconds, 1'000'000) + " ms";
    const std::uint64_t seconds = nanoseconds / 1'000'000'000;
    if (seconds < 60) return one_decimal(nanoseconds / 1'000'000, 1000) + " s";
    if (seconds < 3600) return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s";
    return std::to_string(seconds / 3600) + " h " + std::to_string(seconds / 60 % 60) + " min";
}

std::string with_commas(std::uint64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, 1, ',');
    return text;
}

}   // namespace microengine::util
