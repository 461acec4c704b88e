// SPDX-License-Identifier: MIT
#include "host/frontends/ambassador/ambassador.hpp"

#include "host/frontends/ambassador/checklist.hpp"
#include "host/frontends/ambassador/load.hpp"
#include "host/frontends/ambassador/market_server.hpp"
#include "host/frontends/ambassador/results.hpp"

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

Result<void> show(const Lent& lent, const std::string& text) {
    if (!lent.print(text)) return util::fail(Errc::io, "standard output", "cannot be written");
    return {};
}

Result<int> play_load(const Options& options, const Lent& lent, Desk& desk, std::uint64_t seed) {
    const LoadPlan plan{
        .count = options.count, .rate = options.rate, .corpus = options.corpus, .phases = options.phases};
    const LoadNumbers numbers = ME_TRY(run_load(desk, plan, lent.progress));
    ME_CHECK(show(lent, options.json ? json_of(numbers, seed) : text_of(numbers, seed)));
    return numbers.all_well() ? 0 : 1;
}

Result<int> play_checks(const Options& options, const Lent& lent, Scene& scene,
                        std::span<const Check* const> checks, std::uint64_t seed) {
    const auto results = run_checks(scene, checks, lent.progress);
    ME_CHECK(show(lent, options.json ? json_of(results, seed) : table_of(results, seed)));
    if (count_of(results, Status::skip) == results.size())
        return util::fail(Errc::unsupported, "--checks", "nothing was checked");
    return count_of(results, Status::fail) == 0 ? 0 : 1;
}

}   // namespace

Result<int> run(const Options& options, const Lent& lent) {
    const auto checks = ME_TRY(chosen_checks(options.checks));
    const std::uint64_t seed = options.seed ? *options.seed : std::random_device()();
    Dice dice(seed);
    Market market;
    const auto server = ME_TRY(MarketServer::start(market, options.listen));
    Asked asked = ME_TRY(find_engine(options, lent, server->address()));
    Desk desk(
        {.market = market,
         .origin = "http://" + server->address(),
         .target = asked.target,
         .secret = asked.secret,
         .lasts = options.lasts,
         .phase = options.phases == Phases::arbitration ? bounty::Phase::vote : bounty::Phase::assertion,
         .dice = dice});
    ME_CHECK(reach(desk));
    Scene scene{.desk = desk,
                .address = server->address(),
                .phases = options.phases,
                .spawner = asked.spawner.get(),
                .engine = asked.engine ? &*asked.engine : nullptr};
    const auto code = options.count > 0 ? play_load(options, lent, desk, seed)
                                        : play_checks(options, lent, scene, checks, seed);
    if (asked.engine) (void)asked.spawner->end(*asked.engine, kEndPatience);
    return code;
}

}   // namespace microengine::ambassador
