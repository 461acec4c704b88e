// SPDX-License-Identifier: MIT
#include "host/app/plugin_new/render.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace microengine::app {

using util::Errc, util::fail, util::Result;

namespace {

constexpr std::string_view kBlank = " \t";

std::string_view trimmed(std::string_view line) {
    const std::size_t first = line.find_first_not_of(kBlank);
    if (first == std::string_view::npos) return {};
    return line.substr(first, line.find_last_not_of(kBlank) - first + 1);
}

/// The word between this @ and the next, if it is written like one of ours.
std::optional<std::string_view> word_at(std::string_view line, std::size_t at) {
    const std::size_t end = line.find('@', at + 1);
    if (end == std::string_view::npos || end == at + 1) return std::nullopt;
    const std::string_view word = line.substr(at + 1, end - at - 1);
    const bool ours = std::ranges::all_of(word, [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; });
    return ours ? std::optional(word) : std::nullopt;
}

Result<std::string> filled(std::string_view line, const Words& words, const std::string& place) {
    std::string out;
    for (std::size_t i = 0; i < line.size();) {
        const auto word = line[i] == '@' ? word_at(line, i) : std::nullopt;
        if (!word) {
            out += line[i++];
            continue;
        }
        const auto value = words.values.find(*word);
        if (value == words.values.end())
            return fail(Errc::io, place, "there is no value for @" + std::string(*word) + "@");
        out += value->second;
        i += word->size() + 2;
    }
    return out;
}

}   // namespace

Result<std::string> render(std::string_view text, const Words& words, std::string_view place) {
    std::string out;
    bool inside = false;
    bool wanted = true;
    std::size_t number = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size() - 1);
        const std::string_view line = text.substr(0, end + 1);
        const std::string here = std::string(place) + ":" + std::to_string(++number);
        text.remove_prefix(end + 1);
        const std::string_view mark = trimmed(line.substr(0, line.find('\n')));
        const bool begins = mark.starts_with("@IF ") && mark.ends_with('@');
        const bool ends = mark == "@END@";
        if (begins == inside && (begins || ends))
            return fail(Errc::io, here, inside ? "@IF@ inside of another" : "@END@ without an @IF@");
        if (begins || ends) {
            inside = begins;
            wanted = ends || words.parts.contains(mark.substr(4, mark.size() - 5));
        } else if (wanted) {
            out += ME_TRY(filled(line, words, here));
        }
    }
    if (inside) return fail(Errc::io, place, "an @IF@ without its @END@");
    return out;
}

}   // namespace microengine::app
