// SPDX-License-Identifier: MIT
#include "meta.hpp"

#include <charconv>
#include <cstring>

namespace microengine::yara {

std::vector<std::string_view> tags_of(const YR_RULE& rule) {
    std::vector<std::string_view> tags;
    const char* tag = nullptr;
    yr_rule_tags_foreach((&rule), tag) tags.emplace_back(tag);
    return tags;
}

std::vector<const YR_META*> metas_of(const YR_RULE& rule) {
    std::vector<const YR_META*> metas;
    const YR_META* meta = nullptr;
    yr_rule_metas_foreach((&rule), meta) metas.push_back(meta);
    return metas;
}

const YR_META* find_meta(const YR_RULE& rule, std::string_view key) {
    const YR_META* meta = nullptr;
    yr_rule_metas_foreach((&rule), meta) {
        if (key == meta->identifier) return meta;
    }
    return nullptr;
}

std::optional<std::int64_t> integer_of(const YR_META& meta) {
    if (meta.type == META_TYPE_INTEGER) return meta.integer;
    if (meta.type != META_TYPE_STRING) return std::nullopt;
    const std::string_view text(meta.string);
    std::int64_t number = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
    return number;
}

std::string text_of(const YR_META& meta) {
    if (meta.type == META_TYPE_STRING) return meta.string;
    if (meta.type == META_TYPE_BOOLEAN) return meta.integer != 0 ? "true" : "false";
    return std::to_string(meta.integer);
}

}   // namespace microengine::yara
