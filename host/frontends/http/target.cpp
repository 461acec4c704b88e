// SPDX-License-Identifier: MIT
#include "host/frontends/http/target.hpp"

#include <algorithm>
#include <ranges>

namespace microengine::http {

namespace {

std::optional<unsigned> digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
    return std::nullopt;
}

/// As forms write it: "+" is a space.
std::optional<std::string> unescaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i] == '+' ? ' ' : text[i];
            continue;
        }
        if (text.size() - i < 3) return std::nullopt;
        const auto high = digit(text[i + 1]);
        const auto low = digit(text[i + 2]);
        if (!high || !low) return std::nullopt;
        out += static_cast<char>((*high << 4U) | *low);
        i += 2;
    }
    return out;
}

/// RFC 9112, 3.2.2: a server takes the form that proxies get, too.
std::string_view without_authority(std::string_view text) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!text.starts_with(scheme)) continue;
        const std::size_t end = text.find_first_of("/?", scheme.size());
        return text.substr(std::min(end, text.size()));
    }
    return text;
}

}   // namespace

bool operator==(const Parameter& a, const Parameter& b) { return a.name == b.name && a.value == b.value; }

std::optional<Target> parse_target(std::string_view text) {
    const std::string_view rest = without_authority(text);
    const bool only_authority = rest.size() < text.size() && (rest.empty() || rest.starts_with('?'));
    if (!rest.starts_with('/') && !only_authority) return std::nullopt;
    const std::size_t mark = rest.find('?');
    Target target{.path = only_authority ? "/" : std::string(rest.substr(0, mark)), .query = {}};
    if (mark == std::string_view::npos) return target;
    for (const auto part : std::views::split(rest.substr(mark + 1), '&')) {
        const std::string_view pair(part.begin(), part.end());
        if (pair.empty()) continue;
        const std::size_t equals = pair.find('=');
        auto name = unescaped(pair.substr(0, equals));
        auto value = equals == std::string_view::npos ? std::string() : unescaped(pair.substr(equals + 1));
        if (!name || !value) return std::nullopt;
        target.query.push_back({*std::move(name), *std::move(value)});
    }
    return target;
}

}   // namespace microengine::http
