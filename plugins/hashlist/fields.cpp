// SPDX-License-Identifier: MIT
#include "fields.hpp"

#include <algorithm>

namespace microengine::hashlist {
namespace {

constexpr std::string_view kBlank = " \t\r";

/// The length of a quoted field with its quotes; 0: it is not closed.
std::size_t quoted_size(std::string_view text) {
    for (std::size_t at = 1; at < text.size(); ++at) {
        if (text[at] != '"') continue;
        if (at + 1 == text.size() || text[at + 1] != '"') return at + 1;
        ++at;
    }
    return 0;
}

}   // namespace

std::string_view trimmed(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(kBlank), text.size()));
    return text.substr(0, text.find_last_not_of(kBlank) + 1);
}

std::optional<Fields> Fields::split(std::string_view line) {
    Fields fields;
    for (bool more = true; more && fields.count_ < fields.fields_.size();) {
        line.remove_prefix(std::min(line.find_first_not_of(kBlank), line.size()));
        const bool quoted = line.starts_with('"');
        const std::size_t size = quoted ? quoted_size(line) : 0;
        if (quoted && size == 0) return std::nullopt;
        const std::size_t end = std::min(line.find(',', size), line.size());
        const std::string_view field = trimmed(line.substr(0, end));
        if (quoted && field.size() != size) return std::nullopt;
        fields.fields_.at(fields.count_++) = quoted ? field.substr(1, size - 2) : field;
        more = end < line.size();
        line.remove_prefix(more ? end + 1 : end);
    }
    return fields;
}

}   // namespace microengine::hashlist
