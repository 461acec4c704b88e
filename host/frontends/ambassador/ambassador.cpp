// SPDX-License-Identifier: MIT
#include "host/frontends/ambassador/ambassador.hpp"

#include "host/frontends/ambassador/market_server.hpp"
#include "host/frontends/ambassador/results.hpp"
#include "host/util/text.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <random>
#include <utility>

namespace microengine::ambassador {

namespace {

using util::Errc;
using util::Result;

constexpr milliseconds kEndPatience{15'000};
constexpr const char* kVariable = "MICROENGINE_POLYSWARM_SECRET";

Result<bounty::Secret> secret_of(const Options& options) {
    if (!options.secret_file.empty()) return bounty::read_secret(options.secret_file);
    const char* text = std::getenv(kVariable);   // NOLINT(concurrency-mt-unsafe): main thread
    if (text == nullptr || *text == '\0')
        return util::fail(Errc::usage, "",
                          std::string("the engine's secret is missing: --secret-file FILE, or ") + kVariable);
    return bounty::Secret(text);
}

Result<std::vector<const Check*>> chosen(const std::vector<std::string>& ids) {
    std::vector<const Check*> checks;
    for (const Check& check : all_checks())
        if (ids.empty() || std::ranges::find(ids, check.id) != ids.end()) checks.push_back(&check);
    for (const std::string& id : ids)
        if (std::ranges::find(all_checks(), std::string_view(id), &Check::id) == all_checks().end())
            return util::fail(
                Errc::usage, "--checks",
                "there is no check '" + util::printable(util::cut(id, 20)) + "'; there are A1 to A29");
    return checks;
}

/// What a bounty has got beyond the one reply that its check has judged.
Fault fault_of_more(const Desk& desk, const Posted& bounty, Clock::time_point longest) {
    const std::size_t more = bounty.plan.replies.first.size() + 2;
    (void)desk.market().wait_for_replies(bounty.reply, more, std::min(bounty.deadline, longest));
    const Evidence evidence = desk.evidence(bounty);
    if (Fault fault = fault_of_refused(evidence)) return fault;
    return evidence.replies.empty() ? std::nullopt : fault_of_number(evidence);
}

/// Whatever was posted may still be answered, and must not be.
void settle(const Scene& scene, std::vector<CheckResult>& results) {
    const auto longest = Clock::now() + scene.desk.lasts();
    const auto look = [&](const Desk& desk) {
        for (const Posted& bounty : desk.all()) {
            const Fault fault = fault_of_more(desk, bounty, longest);
            const auto row =
                std::ranges::find(results, bounty.check, [](const CheckResult& r) { return r.check->id; });
            if (fault && row != results.end() && row->outcome.status == Status::pass)
                row->outcome = failed(bounty.about(*fault));
        }
    };
    look(scene.desk);
    for (const Desk& other : scene.others) look(other);
}

/// Replies to what was never offered.
void add_strays(const Market& market, std::vector<CheckResult>& results) {
    const auto strays = market.strays();
    const auto reply =
        std::ranges::find_if(strays, [](const std::string& s) { return s.starts_with("POST "); });
    if (reply == strays.end() || results.empty()) return;
    Outcome& last = results.back().outcome;
    last = failed("a reply at the wrong place: " + util::printable(util::cut(*reply, 120)));
}

std::vector<CheckResult> run_checks(Scene& scene, const std::vector<const Check*>& checks, const Lent& lent) {
    std::vector<CheckResult> results;
    for (const Check* check : checks) {
        lent.progress(std::string(check->id) + " " + std::string(check->name) + " …");
        scene.check = check->id;
        scene.desk.set_check(scene.check);
        const bool can = !check->spawns || scene.spawner != nullptr;
        results.push_back({check, can ? check->run(scene) : skipped("needs --spawn")});
    }
    lent.progress("waiting for what should not come …");
    settle(scene, results);
    add_strays(scene.desk.market(), results);
    lent.progress("");
    return results;
}

Result<void> reach(Desk& desk) {
    Request request;
    request.method = "GET";
    if (const auto answer = desk.send(request); !answer) return std::unexpected(answer.error());
    return {};
}

/// The engine that is asked, started here or somebody else's.
struct Asked {
    std::unique_ptr<Spawner> spawner;
    std::optional<Spawner::Engine> engine;
    Target target;
    bounty::Secret secret;
};

Result<Asked> find_engine(const Options& options, const Lent& lent, const std::string& market) {
    if (!options.spawn)
        return Asked{.spawner = nullptr,
                     .engine = std::nullopt,
                     .target = ME_TRY(parse_target(options.target)),
                     .secret = ME_TRY(secret_of(options))};
    util::ensure(lent.spawning.has_value(), "who wants to spawn lends the parts");
    auto spawner = ME_TRY(Spawner::make(*lent.spawning, market));   // NOLINT: just ensured
    lent.at_interrupt([folder = spawner->folder()] {
        std::error_code ignored;
        std::filesystem::remove_all(folder, ignored);
    });
    lent.progress("starting the engine …");
    const Overlay overlay = ME_TRY(spawner->plain());
    auto engine = ME_TRY(spawner->start(overlay));
    Target target = engine.target;
    bounty::Secret secret = engine.secret;
    return Asked{.spawner = std::move(spawner),
                 .engine = std::move(engine),
                 .target = std::move(target),
                 .secret = std::move(secret)};
}

Result<int> report(const Options& options, const Lent& lent, const std::vector<CheckResult>& results,
                   std::uint64_t seed) {
    if (!lent.print(options.json ? json_of(results, seed) : table_of(results, seed)))
        return util::fail(Errc::io, "standard output", "cannot be written");
    if (count_of(results, Status::skip) == results.size())
        return util::fail(Errc::usage, "--checks", "nothing was checked");
    return count_of(results, Status::fail) == 0 ? 0 : 1;
}

}   // namespace

Result<int> run(const Options& options, const Lent& lent) {
    const auto checks = ME_TRY(chosen(options.checks));
    const std::uint64_t seed = options.seed ? *options.seed : std::random_device()();
    Dice dice(seed);
    Market market;
    const auto server = ME_TRY(MarketServer::start(market, options.listen));
    Asked asked = ME_TRY(find_engine(options, lent, server->address()));
    Desk desk({.market = market,
               .origin = "http://" + server->address(),
               .target = asked.target,
               .secret = asked.secret,
               .lasts = options.lasts,
               .dice = dice});
    ME_CHECK(reach(desk));
    Scene scene{.desk = desk,
                .address = server->address(),
                .phases = options.phases,
                .spawner = asked.spawner.get(),
                .engine = asked.engine ? &*asked.engine : nullptr};
    const auto results = run_checks(scene, checks, lent);
    if (asked.engine) (void)asked.spawner->end(*asked.engine, kEndPatience);
    return report(options, lent, results, seed);
}

}   // namespace microengine::ambassador
