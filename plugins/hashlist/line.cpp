// SPDX-License-Identifier: MIT
#include "line.hpp"

#include "fields.hpp"
#include "plugins/support/utf8.hpp"

#include <algorithm>
#include <array>

namespace microengine::hashlist {
namespace {

using Parsed = std::expected<std::optional<Row>, std::string>;

std::unexpected<std::string> bad(std::string why) { return std::unexpected(std::move(why)); }

std::string no_digest(std::string_view text) {
    const bool hex = !text.empty() && digits_in(text) == text.size();
    if (hex)
        return "a digest has 32 (MD5), 40 (SHA-1) or 64 (SHA-256) hexadecimal digits, got " +
               std::to_string(text.size());
    return "expected a digest, got \"" + shown(text) + "\"";
}

/// What feeds write where they know no name.
bool says_nothing(std::string_view name) { return name == "n/a" || name == "N/A" || name == "-"; }

Row row_of(const Digest& digest, std::string_view name, bool family) {
    if (says_nothing(name)) name = {};
    return {.digest = digest, .name = utf8::cut(name, kMostName), .family = family && !name.empty()};
}

/// "digest  name", as sha256sum writes it (with a star before the name of a binary file), and "digest #
/// comment".
Parsed plain_row(std::string_view word, std::string_view rest) {
    const auto digest = parse_digest(word);
    if (!digest) return bad(no_digest(word));
    std::size_t end = rest.find('#');
    while (end != std::string_view::npos && end > 0 && rest[end - 1] != ' ' && rest[end - 1] != '\t')
        end = rest.find('#', end + 1);
    std::string_view name = trimmed(rest.substr(0, end));
    if (name.starts_with('*')) name.remove_prefix(1);
    return row_of(*digest, name, false);
}

/// "digest:size:name", and perhaps levels of the engine behind it. The size adds nothing: nobody can make a
/// second artifact with the digest of a given one.
Parsed clamav_row(std::string_view word, std::string_view rest) {
    const auto digest = parse_digest(word);
    if (!digest) return bad(no_digest(word));
    const std::string_view size = rest.substr(0, rest.find(':'));
    const bool number = !size.empty() && size.find_first_not_of("0123456789") == std::string_view::npos;
    if (size != "*" && !number)
        return bad("digest:size:name needs a number or * as its size, got \"" + shown(size) + "\"");
    if (size.size() == rest.size()) return bad("digest:size:name has no name");
    rest.remove_prefix(size.size() + 1);
    const std::string_view name = trimmed(rest.substr(0, rest.find(':')));
    if (name.empty()) return bad("digest:size:name has no name");
    return row_of(*digest, name, false);
}

/// "SHA256_hash" and "sha-256" are the same column.
std::string plain_name(std::string_view title) {
    std::string plain;
    for (const char c : title)
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            plain += c;
        else if (c >= 'A' && c <= 'Z')
            plain += static_cast<char>(c - 'A' + 'a');
    if (plain.ends_with("hash") && plain.size() > 4) plain.resize(plain.size() - 4);
    return plain;
}

Columns columns_of(const Fields& titles) {
    constexpr std::array<std::string_view, 7> names{"signature", "malware",    "malwarefamily", "family",
                                                    "threat",    "threatname", "name"};
    Columns columns;
    for (std::size_t i = 0; i < titles.all().size(); ++i) {
        const std::string title = plain_name(titles.at(i).substr(0, 64));
        if (title == "sha256") columns.sha256 = i;
        if (title == "sha1") columns.sha1 = i;
        if (title == "md5") columns.md5 = i;
        if (!columns.name && std::ranges::find(names, title) != names.end()) columns.name = i;
    }
    return columns;
}

Parsed row_by_header(const Fields& fields, const Columns& columns) {
    for (const auto& column : {columns.sha256, columns.sha1, columns.md5}) {
        if (!column || fields.at(*column).empty()) continue;
        const auto digest = parse_digest(fields.at(*column));
        if (!digest) return bad(no_digest(fields.at(*column)));
        return row_of(*digest, columns.name ? fields.at(*columns.name) : std::string_view(), true);
    }
    return bad("has no digest in the column that the header names");
}

Parsed row_without_header(const Fields& fields) {
    std::optional<Digest> best;
    std::size_t at = 0;
    for (std::size_t i = 0; i < fields.all().size(); ++i)
        if (const auto digest = parse_digest(fields.at(i)); digest && (!best || digest->kind > best->kind)) {
            best = digest;
            at = i;
        }
    if (!best) return bad(no_digest(fields.at(0)));
    const std::string_view next = fields.at(at + 1);
    return row_of(*best, parse_digest(next) ? std::string_view() : next, true);
}

Parsed csv_row(std::string_view line, Columns& columns) {
    const auto fields = Fields::split(line);
    if (!fields) return bad("a quote is not closed, or text follows it");
    if (columns.known()) return row_by_header(*fields, columns);
    if (const Columns header = columns_of(*fields); header.known()) {
        columns = header;
        return std::nullopt;
    }
    return row_without_header(*fields);
}

/// Some feeds have their header in a comment.
Parsed comment(std::string_view text, Columns& columns) {
    if (text.find(',') == std::string_view::npos) return std::nullopt;
    if (const auto titles = Fields::split(text))
        if (const Columns header = columns_of(*titles); header.known()) columns = header;
    return std::nullopt;
}

}   // namespace

std::string shown(std::string_view text) {
    constexpr std::size_t most = 40;
    std::string out(text.substr(0, most));
    std::ranges::replace_if(out, [](char c) { return c < ' ' || c > '~' || c == '"'; }, '?');
    return text.size() > most ? out + "..." : out;
}

Parsed parse_line(std::string_view line, Columns& columns) {
    line = trimmed(line);
    if (line.empty()) return std::nullopt;
    if (line.find('\0') != std::string_view::npos)
        return bad("has a zero byte: it is no text of one byte a character");
    if (line.front() == '#') return comment(line.substr(1), columns);
    const std::string_view word = line.substr(0, digits_in(line));
    const std::string_view rest = line.substr(word.size());
    if (!rest.empty() && rest.front() == ':') return clamav_row(word, rest.substr(1));
    const bool parted = rest.empty() || rest.front() == ' ' || rest.front() == '\t';
    if (parted && !word.empty()) return plain_row(word, rest);
    if (line.find(',') != std::string_view::npos || line.front() == '"') return csv_row(line, columns);
    return bad(no_digest(line));
}

}   // namespace microengine::hashlist
