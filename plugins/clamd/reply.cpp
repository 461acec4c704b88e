// SPDX-License-Identifier: MIT
#include "reply.hpp"

#include <microengine/plugin.h>

#include <time.h>

#include <algorithm>

namespace microengine::clamd {
namespace {

constexpr std::size_t kMostVersion = 63;

bool printable(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

/// Of any encoding: what finds something must not be lost over its name.
bool one_word(std::string_view text) {
    return !text.empty() &&
           std::ranges::none_of(text, [](char c) { return (c >= '\0' && c <= ' ') || c == '\x7f'; });
}

bool remove_suffix(std::string_view& text, std::string_view suffix) {
    if (!text.ends_with(suffix)) return false;
    text.remove_suffix(suffix.size());
    return true;
}

/// Of "Heuristics.Limits.Exceeded.MaxFileSize".
std::uint32_t limit_reason(std::string_view name) {
    if (name.find("MaxScanTime") != std::string_view::npos) return ME_PARTIAL_TIME_LIMIT;
    if (name.find("MaxRecursion") != std::string_view::npos) return ME_PARTIAL_TOO_DEEP;
    if (name.find("MaxFiles") != std::string_view::npos) return ME_PARTIAL_TOO_MANY;
    return name.find("Size") != std::string_view::npos ? ME_PARTIAL_TOO_LARGE : ME_PARTIAL_OTHER;
}

}   // namespace

Reply parse_reply(std::string_view reply) {
    if (reply == "INSTREAM size limit exceeded. ERROR")
        return {.kind = Reply::Kind::too_large, .text = reply};
    constexpr std::string_view head = "stream: ";
    std::string_view text = reply;
    if (text.starts_with(head)) text.remove_prefix(head.size());
    const bool about_stream = text.size() < reply.size();
    if (about_stream && text == "OK") return {.kind = Reply::Kind::clean, .text = {}};
    // Its name is one word; whatever has more is no line of clamd's.
    if (std::string_view name = text; about_stream && remove_suffix(name, " FOUND") && one_word(name))
        return {.kind = Reply::Kind::found, .text = name};
    // Some errors are not about the stream.
    if (std::string_view reason = text; remove_suffix(reason, " ERROR") && !reason.empty())
        return {.kind = Reply::Kind::error, .text = reason};
    return {.kind = Reply::Kind::garbled, .text = reply};
}

Meaning meaning_of(std::string_view name) {
    if (name.starts_with("Heuristics.Limits.Exceeded")) return {ME_UNKNOWN, limit_reason(name)};
    if (name.starts_with("Heuristics.Encrypted.")) return {ME_UNKNOWN, ME_PARTIAL_ENCRYPTED};
    if (name.starts_with("Heuristics.Zip.OverlappingFiles") || name.starts_with("Heuristics.XZ.DicSizeLimit"))
        return {ME_SUSPICIOUS, ME_PARTIAL_DECOMPRESSION_UNSAFE};
    const bool weak = name.starts_with("Heuristics.") || name.starts_with("BC.Heuristics.") ||
                      name.starts_with("PUA.") || name.starts_with("Suspicious.");
    return {weak ? ME_SUSPICIOUS : ME_MALICIOUS};
}

std::string_view family_of(std::string_view name) {
    (void)remove_suffix(name, ".UNOFFICIAL");
    // Platform, category, family, and behind it the number.
    const std::size_t category = name.find('.');
    const std::size_t family = category == std::string_view::npos ? category : name.find('.', category + 1);
    if (family == std::string_view::npos) return {};
    name.remove_prefix(family + 1);
    const std::size_t dash = name.find('-');
    const bool numbered = dash != std::string_view::npos &&
                          name.find_first_not_of("0123456789-", dash) == std::string_view::npos;
    return numbered ? name.substr(0, dash) : std::string_view();
}

std::optional<Version> parse_version(std::string_view reply) {
    constexpr std::string_view head = "ClamAV ";
    if (!reply.starts_with(head)) return std::nullopt;
    reply.remove_prefix(head.size());
    const std::size_t number = reply.find('/');
    const std::size_t date = number == std::string_view::npos ? number : reply.find('/', number + 1);
    const std::string_view text = reply.substr(0, date);
    if (text.empty() || text.size() > kMostVersion || !printable(text)) return std::nullopt;
    Version version{.text = std::string(text)};
    if (date == std::string_view::npos) return version;
    const std::string when(reply.substr(date + 1));
    tm parts{};
    const char* rest = ::strptime(when.c_str(), "%a %b %d %H:%M:%S %Y", &parts);
    if (rest != nullptr && *rest == '\0') version.date_unix = ::timegm(&parts);
    return version;
}

std::string shown(std::string_view text) {
    constexpr std::size_t most = 80;
    std::string out(text.substr(0, most));
    std::ranges::replace_if(out, [](char c) { return c < ' ' || c > '~'; }, '?');
    return text.size() > most ? out + "..." : out;
}

}   // namespace microengine::clamd
