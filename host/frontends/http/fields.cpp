// SPDX-License-Identifier: MIT
#include "host/frontends/http/fields.hpp"

#include "host/util/text.hpp"

#include <algorithm>
#include <ranges>

namespace microengine::http {

namespace {

bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_token_character(char c) {
    return is_alphanumeric(c) || std::string_view("!#$%&'*+-.^_`|~").contains(c);
}

/// From behind the opening quote; `text` then begins behind the closing one. Browsers write a backslash as it
/// is and curl doubles it: only what hides a quote or a backslash is taken for an escape.
std::optional<std::string> take_quoted(std::string_view& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"') {
            text.remove_prefix(i + 1);
            return out;
        }
        const bool escape =
            text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\');
        if (escape) ++i;
        out += text[i];
    }
    return std::nullopt;
}

std::optional<std::string> take_value(std::string_view& text) {
    if (text.starts_with('"')) {
        text.remove_prefix(1);
        return take_quoted(text);
    }
    const std::size_t end = std::min(text.find(';'), text.size());
    std::string value(trimmed(text.substr(0, end)));
    text.remove_prefix(end);
    if (value.empty()) return std::nullopt;
    return value;
}

/// "UTF-8''na%20me"
std::optional<std::string> extended(std::string_view text) {
    const std::string_view charset = "utf-8'";
    if (lower_case(text.substr(0, charset.size())) != charset) return std::nullopt;
    const std::size_t quote = text.find('\'', charset.size());
    if (quote == std::string_view::npos) return std::nullopt;
    std::string query = "/?n=";   // the escapes are those of a query, but for "+"
    for (const char c : text.substr(quote + 1)) {
        if (c == '+')
            query += "%2B";
        else
            query += c;
    }
    const auto parsed = parse_target(query);
    if (!parsed || parsed->query.size() != 1 || !util::is_utf8(parsed->query.front().value))
        return std::nullopt;
    return parsed->query.front().value;
}

}   // namespace

std::string lower_case(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool is_token(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, is_token_character);
}

const std::string* Parametrised::find(std::string_view name) const {
    const auto found = std::ranges::find(parameters, name, &Parameter::name);
    return found == parameters.end() ? nullptr : &found->value;
}

std::optional<Parametrised> parse_parametrised(std::string_view text) {
    const std::size_t end = std::min(text.find(';'), text.size());
    Parametrised parsed{.value = lower_case(trimmed(text.substr(0, end))), .parameters = {}};
    text.remove_prefix(end);
    while (!text.empty()) {
        if (text.front() != ';') return std::nullopt;
        text = trimmed(text.substr(1));
        if (text.empty() || text.front() == ';') continue;
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos || !is_token(text.substr(0, equals))) return std::nullopt;
        std::string name = lower_case(text.substr(0, equals));
        text.remove_prefix(equals + 1);
        auto value = take_value(text);
        if (!value || parsed.find(name) != nullptr) return std::nullopt;
        parsed.parameters.push_back({std::move(name), *std::move(value)});
        text = trimmed(text);
    }
    return parsed;
}

std::optional<std::string> file_name_of(const Parametrised& disposition) {
    if (const std::string* name = disposition.find("filename*"))
        if (auto decoded = extended(*name)) return decoded;
    if (const std::string* name = disposition.find("filename")) return *name;
    return std::nullopt;
}

bool lists(std::string_view list, std::string_view word) {
    return std::ranges::any_of(std::views::split(list, ','), [word](const auto part) {
        std::string_view one(part.begin(), part.end());
        one = one.substr(0, one.find(';'));
        return lower_case(trimmed(one)) == word;
    });
}

}   // namespace microengine::http
