// SPDX-License-Identifier: MIT
#include "utf8.hpp"

#include <algorithm>
#include <array>

namespace microengine::utf8 {
namespace {

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80; }

/// What may follow a first byte: the second byte's range rules out overlong forms, surrogates and what is
/// above U+10FFFF (Unicode, table 3-7).
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

}   // namespace

std::size_t character_size(std::string_view text) {
    const auto byte = static_cast<unsigned char>(text[0]);
    if (byte < 0x80) return 1;
    for (const Lead& lead : kLeads) {
        if (byte < lead.first || byte > lead.last) continue;
        if (text.size() < lead.size) return 0;
        const auto second = static_cast<unsigned char>(text[1]);
        if (second < lead.second_first || second > lead.second_last) return 0;
        return std::ranges::all_of(text.substr(2, lead.size - 2), continues) ? lead.size : 0;
    }
    return 0;
}

std::string_view cut(std::string_view text, std::size_t most) {
    if (text.size() <= most) return text;
    constexpr std::size_t longest_tail = 3;
    std::size_t end = most;
    while (end > 0 && most - end < longest_tail && continues(text[end])) --end;
    return text.substr(0, continues(text[end]) ? most : end);   // or it was no character at all
}

std::string valid(std::string_view text, std::size_t most) {
    constexpr std::string_view replacement = "\xEF\xBF\xBD";
    std::string out;
    while (!text.empty()) {
        const std::size_t size = character_size(text);
        const std::string_view next = size == 0 ? replacement : text.substr(0, size);
        if (out.size() + next.size() > most) break;
        out += next;
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return out;
}

}   // namespace microengine::utf8
