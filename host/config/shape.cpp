// SPDX-License-Identifier: MIT
#include "host/config/shape.hpp"

#include "host/util/text.hpp"

#include <algorithm>

namespace microengine::config {

namespace {

/// Past a string that begins at `at`, by TOML's four forms. Where the text is no TOML any more it does not
/// matter what comes out: the parser stops at that place.
std::size_t skip_string(std::string_view text, std::size_t at) {
    const char quote = text[at];
    const bool multiline = text.substr(at).starts_with(std::string(3, quote));
    const std::size_t quotes = multiline ? 3 : 1;
    for (at += quotes; at < text.size(); ++at) {
        if (text[at] == '\\' && quote == '"') {
            ++at;
        } else if (text[at] == '\n' && !multiline) {
            return at;
        } else if (text[at] == quote && (!multiline || text.substr(at).starts_with(std::string(3, quote)))) {
            at += quotes;
            // A multi-line string may end in up to two quotes of its own.
            while (multiline && at < text.size() && text[at] == quote) ++at;
            return at;
        }
    }
    return text.size();
}

Position position_of(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, offset);
    const std::size_t line_start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    const std::string_view line = before.substr(line_start);
    const auto follows = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
    return {.line = 1 + static_cast<std::uint32_t>(std::ranges::count(before, '\n')),
            .column = 1 + static_cast<std::uint32_t>(line.size()) -
                      static_cast<std::uint32_t>(std::ranges::count_if(line, follows))};
}

std::optional<ShapeProblem> check_encoding(std::string_view text) {
    if (util::is_utf8(text)) return std::nullopt;
    std::size_t start = 0;
    for (;;) {
        const std::size_t end = std::min(text.find('\n', start), text.size());
        if (!util::is_utf8(text.substr(start, end - start))) break;
        start = end + 1;
    }
    // Replacing the bad bytes keeps the good ones before the first of them.
    const std::string mended = util::to_utf8(text.substr(start));
    const auto same = std::ranges::mismatch(text.substr(start), mended);
    const auto offset = static_cast<std::size_t>(same.in1 - text.begin());
    return ShapeProblem{position_of(text, offset),
                        "not UTF-8: the byte " + util::printable(text.substr(offset, 1))};
}

std::optional<ShapeProblem> check_depth(std::string_view text) {
    std::size_t depth = 0;
    std::size_t dots = 0;
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        if (c == '"' || c == '\'') {
            at = skip_string(text, at);
            continue;
        }
        if (c == '#') {
            at = std::min(text.find('\n', at), text.size());
            continue;
        }
        if (c == '[' || c == '{') ++depth;
        if ((c == ']' || c == '}') && depth > 0) --depth;
        if (c == '.')
            ++dots;
        else if (std::string_view("\n=,[]{}").contains(c))
            dots = 0;
        if (depth > kDeepestBrackets)
            return ShapeProblem{position_of(text, at),
                                "nested more than " + std::to_string(kDeepestBrackets) + " levels deep"};
        if (dots >= kLongestKeyParts)
            return ShapeProblem{position_of(text, at),
                                "a key of more than " + std::to_string(kLongestKeyParts) + " parts"};
        ++at;
    }
    return std::nullopt;
}

}   // namespace

std::optional<ShapeProblem> check_shape(std::string_view text) {
    if (text.size() > kMostBytes)
        return ShapeProblem{
            {}, "has " + std::to_string(text.size()) + " bytes, at most " + std::to_string(kMostBytes)};
    if (auto problem = check_encoding(text)) return problem;
    return check_depth(text);
}

}   // namespace microengine::config
