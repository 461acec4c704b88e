// SPDX-License-Identifier: MIT
#include "judge.hpp"

#include "meta.hpp"

#include <algorithm>
#include <charconv>

namespace microengine::yara {
namespace {

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

bool holds(const MetaTest& test, const YR_META& meta) {
    if (test.relation == MetaTest::Relation::equal) return lower(text_of(meta)) == test.text;
    const auto number = integer_of(meta);
    if (!number) return false;
    return test.relation == MetaTest::Relation::less ? *number < test.number : *number > test.number;
}

}   // namespace

std::optional<MetaTest> parse_meta_test(std::string_view text) {
    const std::size_t at = text.find_first_of("=<>");
    if (at == std::string_view::npos || at == 0) return std::nullopt;
    const std::string_view value = text.substr(at + 1);
    MetaTest test{.key = std::string(text.substr(0, at)), .text = lower(value)};
    if (text[at] == '=') return test;
    test.relation = text[at] == '<' ? MetaTest::Relation::less : MetaTest::Relation::greater;
    const auto [stop, error] = std::from_chars(value.data(), value.data() + value.size(), test.number);
    if (error != std::errc() || stop != value.data() + value.size()) return std::nullopt;
    return test;
}

Judge::Judge(const Settings& settings) {
    for (const std::string& tag : settings.strings("suspicious_tags")) suspicious_.insert(lower(tag));
    for (const std::string& tag : settings.strings("information_tags")) information_.insert(lower(tag));
    for (const std::string& text : settings.strings("suspicious_meta")) {
        auto test = parse_meta_test(text);
        if (!test)
            throw setting_error("suspicious_meta",
                                "each entry is key=value, key<number or key>number, got \"" + text + "\"");
        tests_.push_back(*std::move(test));
    }
}

std::int32_t Judge::verdict_of(const YR_RULE& rule) const {
    const auto tags = tags_of(rule);
    const auto any_of = [&tags](const Tags& wanted) {
        return std::ranges::any_of(tags, [&](std::string_view tag) { return wanted.contains(lower(tag)); });
    };
    if (any_of(information_)) return ME_UNKNOWN;
    if (any_of(suspicious_)) return ME_SUSPICIOUS;
    if (tests_.empty()) return ME_MALICIOUS;
    for (const YR_META* meta : metas_of(rule))
        for (const MetaTest& test : tests_)
            if (test.key == meta->identifier && holds(test, *meta)) return ME_SUSPICIOUS;
    return ME_MALICIOUS;
}

}   // namespace microengine::yara
