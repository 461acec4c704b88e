// SPDX-License-Identifier: MIT
#include "detection.hpp"

#include "json.hpp"
#include "meta.hpp"
#include "plugins/support/utf8.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>

namespace microengine::yara {
namespace {

constexpr std::size_t kMostMetas = 16;
constexpr std::size_t kMostValueBytes = 512;
constexpr std::string_view kStringKey = "matched_string";
/// What a reader wants first; the rest follows in the order of the rule.
constexpr std::array<std::string_view, 6> kFirstMetas{"description", "reference", "author",
                                                      "severity",    "score",     "date"};
constexpr std::array<std::string_view, 3> kFamilyMetas{"malware_family", "family", "malware"};

struct Place {
    const char* string = nullptr;   // identifier of the string; null: no string matched
    std::uint64_t offset = 0, length = 0;
};

/// The match with the lowest offset. libyara keeps the matches of one string in the order of their offsets.
Place first_match(const YR_SCAN_CONTEXT& context, const YR_RULE& rule) {
    Place first;
    const YR_STRING* string = nullptr;
    yr_rule_strings_foreach((&rule), string) {
        const YR_MATCH* match = context.matches[string->idx].head;
        while (match != nullptr && match->is_private) match = match->next;
        if (match == nullptr) continue;
        const auto offset = static_cast<std::uint64_t>(match->base + match->offset);
        if (first.string == nullptr || offset < first.offset)
            first = {string->identifier, offset, static_cast<std::uint64_t>(match->match_length)};
    }
    return first;
}

std::string_view family_of(const YR_RULE& rule) {
    for (const std::string_view key : kFamilyMetas)
        if (const YR_META* meta = find_meta(rule, key); meta != nullptr && meta->type == META_TYPE_STRING)
            return meta->string;
    return {};
}

void add(JsonObject& json, const YR_META& meta) {
    if (meta.type == META_TYPE_STRING)
        json.add(meta.identifier, utf8::cut(meta.string, kMostValueBytes));
    else if (meta.type == META_TYPE_BOOLEAN)
        json.add_boolean(meta.identifier, meta.integer != 0);
    else
        json.add(meta.identifier, meta.integer);
}

std::string detail_of(const YR_RULE& rule, const Place& place) {
    JsonObject json;
    std::set<std::string_view> taken{kStringKey};
    const auto take = [&](const YR_META& meta) {
        if (taken.size() <= kMostMetas && taken.insert(meta.identifier).second) add(json, meta);
    };
    for (const std::string_view key : kFirstMetas)
        if (const YR_META* meta = find_meta(rule, key)) take(*meta);
    for (const YR_META* meta : metas_of(rule)) take(*meta);
    if (place.string != nullptr) json.add(kStringKey, place.string);
    return json.finish();
}

}   // namespace

std::uint32_t confidence_of(const YR_RULE& rule) {
    const YR_META* meta = find_meta(rule, "confidence");
    const auto number = meta == nullptr ? std::nullopt : integer_of(*meta);
    if (number && *number >= 0 && *number <= 100) return static_cast<std::uint32_t>(*number) * 100;
    return ME_CONFIDENCE_UNSET;
}

bool report(Scan& scan, const YR_SCAN_CONTEXT& context, const YR_RULE& rule, std::int32_t verdict) {
    const Place place = first_match(context, rule);
    const std::string detail = detail_of(rule, place);
    return scan.add({.name = rule.identifier,
                     .family = family_of(rule),
                     .name_space = rule.ns->name,
                     .detail = detail,
                     .verdict = verdict,
                     .confidence = confidence_of(rule),
                     .tags = tags_of(rule),
                     .offset = place.offset,
                     .length = place.length});
}

}   // namespace microengine::yara
