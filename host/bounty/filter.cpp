// SPDX-License-Identifier: MIT
#include "host/bounty/filter.hpp"

#include "host/bounty/url.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace microengine::bounty {

namespace {

using Action = FilterRule::Action;
using Compare = FilterRule::Compare;
using util::Errc;
using util::fail;

constexpr std::array<std::string_view, 4> kActions{"accept", "reject", "favor", "penalize"};
constexpr std::array<std::string_view, 9> kCompares{"<",        "<=",         "==",       ">=",   ">",
                                                    "contains", "startswith", "endswith", "regex"};
constexpr std::size_t kMostProblems = 20;

template <class Enum, std::size_t N>
std::optional<Enum> value_of(const std::array<std::string_view, N>& names, std::string_view text) {
    const auto found = std::ranges::find(names, text);
    if (found == names.end()) return std::nullopt;
    return static_cast<Enum>(found - names.begin());
}

std::optional<double> number_of(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

bool holds(Compare compare, double left, double right) {
    switch (compare) {
        case Compare::less:
            return left < right;
        case Compare::less_equal:
            return left <= right;
        case Compare::greater_equal:
            return left >= right;
        case Compare::greater:
            return left > right;
        default:
            std::unreachable();
    }
}

std::optional<std::string> value_by_key(const Bounty& bounty, const std::string& key) {
    const auto said = [](std::string text) {
        return text.empty() ? std::nullopt : std::optional(std::move(text));
    };
    if (const auto found = bounty.metadata.find(key); found != bounty.metadata.end()) return found->second;
    if (key == "sha256" && bounty.sha256) return util::hex(*bounty.sha256);
    if (key == "mimetype") return said(bounty.mimetype);
    if (key == "artifact_type") return said(lower_case(bounty.artifact_type));
    return std::nullopt;
}

struct Compiled {
    FilterRule rule;
    std::optional<double> number;       ///< the rule's value as one
    std::unique_ptr<const RE2> regex;   ///< of `regex` only

    [[nodiscard]] bool matches(const Bounty& bounty) const {
        const auto value = value_by_key(bounty, rule.key);
        if (!value) return false;
        switch (rule.compare) {
            case Compare::equal:
                return *value == rule.value;
            case Compare::contains:
                return value->contains(rule.value);
            case Compare::startswith:
                return value->starts_with(rule.value);
            case Compare::endswith:
                return value->ends_with(rule.value);
            case Compare::regex:
                return RE2::PartialMatch(*value, *regex);
            default:
                break;
        }
        const auto left = number_of(*value);
        return left && number && holds(rule.compare, *left, *number);
    }
};

std::unique_ptr<const RE2> expression(const std::string& text) {
    RE2::Options options;
    options.set_log_errors(false);
    return std::make_unique<const RE2>(text, options);
}

}   // namespace

struct Filters::Impl {
    std::vector<Compiled> rules;

    [[nodiscard]] bool any(Action action, const Bounty& bounty) const {
        return std::ranges::any_of(rules, [&](const Compiled& compiled) {
            return compiled.rule.action == action && compiled.matches(bounty);
        });
    }
    [[nodiscard]] bool has(Action action) const {
        return std::ranges::any_of(rules,
                                   [&](const Compiled& compiled) { return compiled.rule.action == action; });
    }
};

std::optional<Action> parse_action(std::string_view text) { return value_of<Action>(kActions, text); }
std::optional<Compare> parse_compare(std::string_view text) { return value_of<Compare>(kCompares, text); }

Filters::Filters() : impl_(std::make_unique<const Impl>()) {}
Filters::~Filters() = default;
Filters::Filters(Filters&&) noexcept = default;
Filters& Filters::operator=(Filters&&) noexcept = default;

util::Result<Filters> Filters::compile(std::span<const FilterRule> rules) {
    auto impl = std::make_unique<Impl>();
    std::vector<std::string> problems;
    for (const FilterRule& rule : rules) {
        Compiled& compiled = impl->rules.emplace_back(Compiled{rule, number_of(rule.value), nullptr});
        if (rule.compare != Compare::regex) continue;
        compiled.regex = expression(rule.value);
        if (!compiled.regex->ok() && problems.size() < kMostProblems)
            problems.push_back("filter " + std::to_string(impl->rules.size()) +
                               ": its value is no regular expression: " + compiled.regex->error());
    }
    if (!problems.empty()) {
        std::string all;
        for (const std::string& problem : problems) all += (all.empty() ? "" : "; ") + problem;
        return fail(Errc::config, "", all);
    }
    Filters filters;
    filters.impl_ = std::move(impl);
    return filters;
}

Filtered Filters::judge(const Bounty& bounty) const {
    Filtered filtered;
    const bool wanted = !impl_->has(Action::accept) || impl_->any(Action::accept, bounty);
    filtered.accepted = wanted && !impl_->any(Action::reject, bounty);
    const bool favored = impl_->any(Action::favor, bounty);
    if (favored != impl_->any(Action::penalize, bounty))
        filtered.leaning = favored ? Leaning::favored : Leaning::penalized;
    return filtered;
}

Confidence leaned(Confidence confidence, Leaning leaning) {
    const std::uint64_t tenths = leaning == Leaning::favored ? 12 : leaning == Leaning::penalized ? 8 : 10;
    return static_cast<Confidence>(std::min<std::uint64_t>((confidence * tenths + 5) / 10, kCertainly));
}

}   // namespace microengine::bounty
