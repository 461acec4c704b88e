// SPDX-License-Identifier: MIT
#include "host/bounty/url.hpp"

#include "host/bounty/bounty.hpp"
#include "host/util/text.hpp"

#include <algorithm>
#include <cstdint>
#include <span>

namespace microengine::bounty {

namespace {

constexpr std::size_t kMostUrlBytes = 8192;
constexpr std::size_t kMostShownBytes = 512;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_scheme(std::string_view text) {
    return !text.empty() && is_letter(text.front()) && std::ranges::all_of(text, [](char c) {
        return is_letter(c) || (c >= '0' && c <= '9') || std::string_view("+-.").contains(c);
    });
}

/// Of C0 and C1, and DEL.
bool is_control(char32_t point) { return point < 0x20 || (point >= 0x7F && point < 0xA0); }

bool is_clean_utf8(std::string_view text) {
    while (!text.empty()) {
        const util::Character character = util::decode(text);
        if (character.size == 0 || is_control(character.point)) return false;
        text.remove_prefix(character.size);
    }
    return true;
}

}   // namespace

std::string lower_case(std::string_view text) {
    std::string lower(text);
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return lower;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t";
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    return text.substr(0, text.find_last_not_of(blanks) + 1);   // npos + 1 is 0
}

UrlParts parts_of(std::string_view url) {
    UrlParts parts;
    if (const std::size_t colon = url.find(':');
        colon != std::string_view::npos && is_scheme(url.substr(0, colon))) {
        parts.scheme = lower_case(url.substr(0, colon));
        url.remove_prefix(colon + 1);
    }
    const std::size_t end = std::min(url.find_first_of("?#"), url.size());
    parts.with_query = end < url.size() && url[end] == '?';
    url = url.substr(0, end);
    parts.with_host = url.starts_with("//") || parts.scheme.empty();
    if (url.starts_with("//")) url.remove_prefix(2);
    if (!parts.with_host) {
        parts.path = url;
        return parts;
    }
    const std::size_t slash = std::min(url.find('/'), url.size());
    const std::string_view authority = url.substr(0, slash);
    parts.host = authority.substr(authority.rfind('@') + 1);   // npos + 1 is 0
    parts.path = url.substr(slash);
    return parts;
}

bool is_web_url(std::string_view url) {
    const UrlParts parts = parts_of(url);
    return (parts.scheme == "http" || parts.scheme == "https") && parts.with_host && !parts.host.empty() &&
           !parts.host.starts_with(':') && std::ranges::all_of(url, [](char c) {
               const auto byte = static_cast<unsigned char>(c);
               return byte > ' ' && byte != 0x7F;
           });
}

UrlConvention url_convention(const Bounty& bounty, UrlConvention configured) {
    if (configured != UrlConvention::automatic) return configured;
    const std::string& uri = bounty.artifact_uri;
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(uri.data());   // a byte view
    if (bounty.sha256 == util::sha256(std::span(bytes, uri.size()))) return UrlConvention::inline_text;
    const std::string_view mimetype = bounty.mimetype;
    const bool is_list = lower_case(trimmed(mimetype.substr(0, mimetype.find(';')))) == "text/uri-list";
    return is_list || parts_of(uri).scheme == "data" ? UrlConvention::fetch : UrlConvention::inline_text;
}

std::optional<std::string> url_in(std::string_view fetched) {
    while (fetched.starts_with('#'))
        fetched.remove_prefix(std::min(fetched.find('\n'), fetched.size() - 1) + 1);
    std::string_view line = fetched.substr(0, fetched.find('\n'));
    if (line.ends_with('\r')) line.remove_suffix(1);
    line = trimmed(line);
    if (line.empty() || line.size() > kMostUrlBytes || !is_clean_utf8(line)) return std::nullopt;
    return std::string(line);
}

std::string redacted(std::string_view url) {
    UrlParts parts = parts_of(url);
    std::string shown;
    if (!parts.scheme.empty()) shown += parts.scheme + ":";
    if (parts.with_host) {
        // "http:///user:password@host" means a host too, for some readers.
        if ((parts.host.empty() && parts.scheme != "file") || parts.scheme.empty())
            parts.path = parts.path.substr(parts.path.rfind('@') + 1);
        if (!parts.scheme.empty()) shown += "//";
        shown += util::cut(parts.host, kMostShownBytes);
        shown += util::cut(parts.path, kMostShownBytes);
        if (parts.with_query) shown += "?redacted";
    }
    return std::string(util::cut(util::printable(shown), kMostShownBytes));
}

}   // namespace microengine::bounty
