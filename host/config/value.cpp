// SPDX-License-Identifier: MIT
#include "host/config/value.hpp"

#include "host/bounty/wei.hpp"
#include "host/util/digest.hpp"
#include "host/util/endpoint.hpp"
#include "host/util/text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <ranges>
#include <utility>

namespace microengine::config {

namespace {

constexpr std::size_t kLongestName = 64;

struct Range {
    std::int64_t least = std::numeric_limits<std::int64_t>::min();
    std::int64_t most = std::numeric_limits<std::int64_t>::max();
    [[nodiscard]] bool has(std::int64_t number) const { return number >= least && number <= most; }
};

/// "12" or, in ten-thousandths, "0.5"; an open end keeps what it was.
void read_bound(std::string_view text, bool decimal, std::int64_t& bound) {
    if (text.empty()) return;
    if (!decimal) {
        std::from_chars(text.data(), text.data() + text.size(), bound);
        return;
    }
    double number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    bound = ten_thousandths(number).value_or(bound);
}

Range range_of(const Rule& rule) {
    Range range;
    const std::size_t dots = rule.allowed.find("..");
    if (dots == std::string_view::npos) return range;
    const bool decimal = rule.kind == Kind::decimal;
    read_bound(rule.allowed.substr(0, dots), decimal, range.least);
    read_bound(rule.allowed.substr(dots + 2), decimal, range.most);
    return range;
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= kLongestName && std::ranges::all_of(text, [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '.' || c == '-';
    });
}

bool is_file_mode(std::string_view text) {
    return text.size() >= 3 && text.size() <= 4 && (text.size() == 3 || text.front() == '0') &&
           std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '7'; });
}

/// Three numbers: clients take them apart.
bool is_version(std::string_view text) {
    std::size_t numbers = 0;
    for (const auto part : std::views::split(text, '.')) {
        const std::string_view number(part.begin(), part.end());
        if (number.empty() || number.size() > 4 ||
            !std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; }))
            return false;
        ++numbers;
    }
    return numbers == 3;
}

bool is_url_path(std::string_view text) {
    constexpr std::string_view others = "_.~-/";
    return text.size() <= 256 && text.starts_with('/') && !text.contains("//") && !text.contains("/.") &&
           (text.size() == 1 || !text.ends_with('/')) && std::ranges::all_of(text, [&](char c) {
               return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                      others.contains(c);
           });
}

bool fits(const Rule& rule, std::string_view text) {
    switch (rule.kind) {
        case Kind::name:
            return is_name(text);
        case Kind::plugin:
            return text.starts_with('/') || (is_name(text) && !text.starts_with('.'));
        case Kind::sha256:
            return util::parse_sha256(text).has_value();
        case Kind::choice:
            return std::ranges::count(choices(rule.allowed), text) > 0;
        case Kind::endpoint:
            return util::parse_endpoint(text).has_value();
        case Kind::network:
            return util::parse_network(text).has_value();
        case Kind::file_mode:
            return is_file_mode(text);
        case Kind::version:
            return is_version(text);
        case Kind::amount:
            return bounty::parse_amount(text).has_value();
        case Kind::url_path:
            return is_url_path(text);
        default:
            return true;
    }
}

/// Where the `dollars`-th dollar sign behind `start` stands in the text.
Position find_dollar(std::string_view text, Position start, std::size_t dollars) {
    Position at{.line = 1, .column = 1};
    for (const char c : text) {
        if (at >= start && c == '$' && dollars-- == 0) return at;
        if (c == '\n')
            at = {.line = at.line + 1, .column = 1};
        else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80)
            ++at.column;
    }
    return start;
}

class ValueReader {
public:
    ValueReader(const Rule& rule, std::string_view label, const Reading& reading)
        : rule_(rule), label_(label), reading_(reading) {}

    std::optional<core::SettingValue> one(const Node& node) const {
        switch (rule_.kind) {
            case Kind::boolean:
                if (node.kind == Node::Kind::boolean) return node.boolean;
                return refuse(node);
            case Kind::integer:
                return whole(node);
            case Kind::decimal:
                return decimal(node);
            default:
                if (node.kind == Node::Kind::string) return text(node);
                return refuse(node);
        }
    }

    std::nullopt_t refuse(const Node& node) const { return refuse(node.at, describe(node), {}); }

private:
    std::nullopt_t refuse(Position at, const std::string& got, std::string hint) const {
        std::string message(label_);
        message += " must be " + must_be(rule_);
        if (!rule_.secret) message += ", got " + got;
        reading_.error(at, std::move(message), std::move(hint));
        return std::nullopt;
    }

    std::optional<core::SettingValue> whole(const Node& node) const {
        if (node.kind == Node::Kind::integer && range_of(rule_).has(node.integer)) return node.integer;
        return refuse(node);
    }

    std::optional<core::SettingValue> decimal(const Node& node) const {
        if (node.kind != Node::Kind::integer && node.kind != Node::Kind::decimal) return refuse(node);
        const double number =
            node.kind == Node::Kind::integer ? static_cast<double>(node.integer) : node.decimal;
        const Range range = range_of(rule_);
        constexpr double units = 10'000;
        if (!(number * units >= static_cast<double>(range.least) - 0.5 &&
              number * units <= static_cast<double>(range.most) + 0.5))
            return refuse(node);
        const auto exact = ten_thousandths(number);
        if (!exact) {
            reading_.error(node.at,
                           std::string(label_) + " must have at most 4 decimals, got " + describe(node));
            return std::nullopt;
        }
        if (!range.has(*exact)) return refuse(node);
        return *exact;
    }

    std::optional<core::SettingValue> text(const Node& node) const {
        Expanded expanded = expand(node.string, reading_.source.environment);
        for (ExpandProblem& problem : expanded.problems) {
            reading_.error(reading_.crowded() ? node.at : find_dollar(reading_.text, node.at, problem.dollar),
                           std::move(problem.message), std::move(problem.hint));
        }
        if (!expanded.problems.empty()) return std::nullopt;
        if (expanded.text.contains('\0')) {
            reading_.error(node.at, std::string(label_) + " must not contain a zero byte");
            return std::nullopt;
        }
        if (!fits(rule_, expanded.text)) return refuse_text(node, expanded.text);
        if (rule_.kind == Kind::path && !expanded.text.empty())
            return (reading_.source.directory / expanded.text).lexically_normal().native();
        return std::move(expanded.text);
    }

    std::nullopt_t refuse_text(const Node& node, const std::string& got) const {
        std::string hint;
        const auto candidates =
            rule_.kind == Kind::choice ? choices(rule_.allowed) : std::vector<std::string_view>{};
        if (const std::string_view meant = util::did_you_mean(got, candidates);
            !meant.empty() && !rule_.secret)
            hint = "did you mean \"" + std::string(meant) + "\"?";
        Node shown;
        shown.kind = Node::Kind::string;
        shown.string = got;
        return refuse(node.at, describe(shown), std::move(hint));
    }

    const Rule& rule_;
    std::string_view label_;
    const Reading& reading_;
};

}   // namespace

std::optional<Values> read_value(const Rule& rule, std::string_view label, const Node& node,
                                 const Reading& reading) {
    const ValueReader reader(rule, label, reading);
    Values values;
    if (!rule.list || node.kind != Node::Kind::list) {
        if (node.kind == Node::Kind::list || node.kind == Node::Kind::table) return reader.refuse(node);
        if (auto value = reader.one(node)) return Values{*std::move(value)};
        return std::nullopt;
    }
    bool sound = true;
    for (const Node& item : node.items) {
        auto value = reader.one(item);
        sound = sound && value.has_value();
        if (value) values.push_back(*std::move(value));
    }
    if (!sound) return std::nullopt;
    return values;
}

std::vector<std::string_view> choices(std::string_view allowed) {
    std::vector<std::string_view> parts;
    for (const auto part : std::views::split(allowed, '|')) parts.emplace_back(part.begin(), part.end());
    return parts;
}

std::optional<std::int64_t> ten_thousandths(double number) {
    constexpr double largest = 1e12;
    if (!std::isfinite(number) || std::abs(number) > largest) return std::nullopt;
    // The shortest text that reads back as this double is what was meant: 0.1 is one tenth.
    char buffer[400];
    const auto end =
        std::to_chars(buffer, buffer + sizeof buffer, std::abs(number), std::chars_format::fixed).ptr;
    const std::string_view text(buffer, end);
    const std::size_t point = std::min(text.find('.'), text.size());
    const std::string_view decimals = point < text.size() ? text.substr(point + 1) : std::string_view();
    if (decimals.size() > 4) return std::nullopt;
    std::string digits(text.substr(0, point));
    digits += decimals;
    digits.append(4 - decimals.size(), '0');
    std::int64_t whole = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), whole);
    return number < 0 ? -whole : whole;
}

}   // namespace microengine::config
