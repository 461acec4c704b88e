// SPDX-License-Identifier: MIT
// A25: what the operator allows to be bet and scanned.
#include "host/bounty/reply.hpp"
#include "host/frontends/ambassador/check.hpp"

#include <utility>

namespace microengine::ambassador {

namespace {

constexpr milliseconds kPatience{10'000};
constexpr std::uint32_t kFewAMinute = 3;
constexpr std::size_t kBetting = 24;   // more than the least bids that the budget holds

const bounty::Rules kRules;   // of every bounty here

/// An engine that is ended with it.
struct Started {
    Started(Spawner& its_spawner, Spawner::Engine its_engine)
        : spawner(its_spawner), engine(std::move(its_engine)) {}
    ~Started() { (void)spawner.end(engine, kPatience); }
    Started(const Started&) = delete;
    Started& operator=(const Started&) = delete;
    Spawner& spawner;
    Spawner::Engine engine;
};

/// An engine with these limits, and what is wrong with how it keeps them.
Fault with_engine(Scene& scene, void (*limit)(Overlay&), Fault (*look)(Desk&)) {
    auto overlay = scene.spawner->plain();
    if (!overlay) return overlay.error().text();
    limit(*overlay);
    auto engine = scene.spawner->start(*overlay);
    if (!engine) return engine.error().text();
    const Started started(*scene.spawner, *std::move(engine));
    return look(scene.desk_for(started.engine));
}

Plan with_type(std::string_view mimetype, Truth truth, bool may_download) {
    return {.what = "mimetype " + std::string(mimetype),
            .artifact = {.bytes = eicar()},
            .truth = std::move(truth),
            .may_download = may_download,
            .edit = [mimetype](BountyFields& f, const auto&) { f.mimetype = json_string(mimetype); }};
}

bounty::FilterRule rule(bounty::FilterRule::Action action, std::string value) {
    return {.action = action,
            .key = "mimetype",
            .compare = bounty::FilterRule::Compare::startswith,
            .value = std::move(value)};
}

Fault fault_of_filters(Desk& desk) {
    const Truth skipped = unknown(bounty::kSkipped);
    const Outcome outcome =
        judged(desk, {with_type("video/mp4", skipped, false), with_type("text/plain", malicious(), true),
                      with_type("text/html", skipped, false)});
    return outcome.status == Status::pass ? std::nullopt : Fault("filters: " + outcome.seen);
}

/// One after another, so that it is known which of them are over the limit.
Fault fault_of_rates(Desk& desk) {
    for (std::uint32_t i = 0; i < kFewAMinute + 2; ++i) {
        const bool over = i >= kFewAMinute;
        Posted& bounty = desk.post({.what = "bounty " + std::to_string(i + 1) + " with max_per_minute " +
                                            std::to_string(kFewAMinute),
                                    .artifact = {.bytes = eicar()},
                                    .truth = over ? unknown(bounty::kSkipped) : malicious(),
                                    .may_download = !over});
        if (const Fault fault = desk.await(bounty)) return bounty.about(*fault);
        desk.post(bounty);   // a delivery that is known does not count
    }
    return std::nullopt;
}

/// A quarter more than one NCT: at the latest the second bid cannot be a whole one.
constexpr bounty::Wei kBudget{bounty::kOneNct.value + bounty::kOneNct.value / 4};

Fault fault_of_bid(const bounty::ReplyFacts& facts, bounty::Wei left) {
    const bounty::Wei bid = facts.bid.value_or(bounty::Wei{});
    if (bid > left)
        return "bid " + bounty::to_nct(bid) + " with " + bounty::to_nct(left) + " left of the budget";
    if (facts.verdict != core::Verdict::unknown) return std::nullopt;
    if (kRules.min <= left)
        return "unknown, though " + bounty::to_nct(left) + " of the budget are left for the least bid";
    const bool said = facts.comments.size() == 1 && facts.comments.front() == bounty::kSkipped;
    return said ? std::nullopt : Fault("over budget without the comment SKIPPED");
}

Fault fault_of_budget(Desk& desk) {
    bounty::Wei left = kBudget;
    bool ended = false;
    for (std::size_t i = 0; i < kBetting; ++i) {
        const Posted& bounty = desk.post({.what = "bet " + std::to_string(i + 1),
                                          .artifact = {.bytes = eicar()},
                                          .truth = Truth{},
                                          .phase = bounty::Phase::assertion});
        if (const Fault fault = desk.await(bounty)) return bounty.about(*fault);
        const auto facts = bounty::read_reply(desk.evidence(bounty).replies.front().body);
        if (!facts) return bounty.about("the reply cannot be read");
        if (const Fault fault = fault_of_bid(*facts, left)) return bounty.about(*fault);
        left.value -= facts->bid.value_or(bounty::Wei{}).value;
        ended = facts->verdict == core::Verdict::unknown;
    }
    return ended
               ? std::nullopt
               : Fault(std::to_string(kBetting) + " bets did not end a budget of " + bounty::to_nct(kBudget));
}

}   // namespace

Outcome keeps_to_limits(Scene& scene) {
    using Action = bounty::FilterRule::Action;
    Fault fault = with_engine(
        scene,
        [](Overlay& overlay) {
            overlay.filters = {rule(Action::accept, "text/"), rule(Action::accept, "video/"),
                               rule(Action::reject, "video/"), rule(Action::reject, "text/html"),
                               rule(Action::favor, "text/")};
        },
        fault_of_filters);
    if (!fault)
        fault = with_engine(scene, [](Overlay& o) { o.max_per_minute = kFewAMinute; }, fault_of_rates);
    if (!fault) fault = with_engine(scene, [](Overlay& o) { o.budget_per_hour = kBudget; }, fault_of_budget);
    return from(fault, "filters, a rate of 3 a minute, a budget of " + bounty::to_nct(kBudget) + " an hour");
}

}   // namespace microengine::ambassador
