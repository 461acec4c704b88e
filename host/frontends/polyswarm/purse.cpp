// SPDX-License-Identifier: MIT
#include "host/frontends/polyswarm/purse.hpp"

#include <algorithm>
#include <chrono>

namespace microengine::polyswarm {

using bounty::Wei;

Purse::Purse(const bounty::EngineSettings& engine) : max_bid_(engine.max_bid) {
    using namespace std::chrono_literals;
    if (engine.budget_per_hour)
        budgets_.push_back({.name = "hour", .window = Window(1h), .most = *engine.budget_per_hour});
    if (engine.budget_per_day)
        budgets_.push_back({.name = "day", .window = Window(24h), .most = *engine.budget_per_day});
}

void Purse::spent(std::int64_t at_ms, Wei bid) {
    for (Budget& budget : budgets_) budget.window.add(at_ms, bid.value);
}

bool Purse::fits(Wei bid, std::int64_t now_ms) {
    return std::ranges::all_of(budgets_, [&](Budget& budget) {
        return budget.window.sum(now_ms) + bid.value <= budget.most.value;
    });
}

std::optional<Wei> Purse::afford(Wei wish, const bounty::Rules& rules, std::int64_t now_ms) {
    const Wei least{std::max<bounty::Uint128>(rules.min.value, 1)};
    const Wei most = max_bid_ ? std::min(wish, *max_bid_) : wish;
    if (most < least) return std::nullopt;
    if (fits(most, now_ms)) return most;
    if (fits(least, now_ms)) return least;
    return std::nullopt;
}

std::vector<Purse::Left> Purse::left(std::int64_t now_ms) {
    std::vector<Left> all;
    for (Budget& budget : budgets_) {
        const bounty::Uint128 sum = budget.window.sum(now_ms);
        const Wei rest{budget.most.value > sum ? budget.most.value - sum : 0};
        all.push_back({.window = budget.name, .left = rest, .budget = budget.most});
    }
    return all;
}

}   // namespace microengine::polyswarm
