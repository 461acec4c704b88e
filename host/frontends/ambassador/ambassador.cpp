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

/// Whatever was posted may still be answered, and must not be: a bounty has one reply.
void settle(const Desk& desk, std::vector<CheckResult>& results) {
    const auto longest = Clock::now() + desk.lasts();
    for (const Posted& bounty : desk.all()) {
        (void)desk.market().wait_for_replies(bounty.reply, bounty.plan.replies.first.size() + 2,
                                             std::min(bounty.deadline, longest));
        const Evidence evidence = desk.evidence(bounty);
        Fault fault = fault_of_refused(evidence);
        if (!fault && !evidence.replies.empty()) fault = fault_of_number(evidence);
        const auto row =
            std::ranges::find(results, bounty.check, [](const CheckResult& r) { return r.check->id; });
        if (fault && row != results.end() && row->outcome.status == Status::pass)
            row->outcome = failed(bounty.about(*fault));
    }
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
        scene.desk.set_check(std::string(check->id));
        const bool can = !check->spawns || scene.spawner != nullptr;
        results.push_back({check, can ? check->run(scene) : skipped("needs --spawn")});
    }
    lent.progress("waiting for what should not come …");
    settle(scene.desk, results);
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

}   // namespace

Result<int> run(const Options& options, const Lent& lent) {
    const auto checks = ME_TRY(chosen(options.checks));
    const std::uint64_t seed = options.seed ? *options.seed : std::random_device()();
    Dice dice(seed);
    Market market;
    const auto server = ME_TRY(MarketServer::start(market, options.listen));
    Desk desk({.market = market,
               .origin = "http://" + server->address(),
               .target = ME_TRY(parse_target(options.target)),
               .secret = ME_TRY(secret_of(options)),
               .lasts = options.lasts,
               .dice = dice});
    ME_CHECK(reach(desk));
    Scene scene{.desk = desk, .address = server->address(), .phases = options.phases};
    const auto results = run_checks(scene, checks, lent);
    if (!lent.print(options.json ? json_of(results, seed) : table_of(results, seed)))
        return util::fail(Errc::io, "standard output", "cannot be written");
    if (count_of(results, Status::pass) + count_of(results, Status::fail) == 0)
        return util::fail(Errc::usage, "--checks", "nothing was checked: all of it needs --spawn");
    return count_of(results, Status::fail) == 0 ? 0 : 1;
}

}   // namespace microengine::ambassador
