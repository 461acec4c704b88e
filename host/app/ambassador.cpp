// SPDX-License-Identifier: MIT
#include "host/app/ambassador.hpp"

#include "host/frontends/ambassador/ambassador.hpp"

#include <unistd.h>

#include <algorithm>
#include <functional>
#include <utility>

namespace microengine::app {

namespace {

constexpr int kCannotRun = 2;
constexpr int kUsage = 64;

/// The first one, or one that asks all backends.
bounty::EngineSettings engine_of(const config::Config& config) {
    if (!config.polyswarm.engines.empty()) return config.polyswarm.engines.front();
    bounty::EngineSettings engine;
    engine.name = "rehearsal";
    return engine;
}

bounty::EngineSettings with_overlay(bounty::EngineSettings engine, const ambassador::Overlay& overlay) {
    engine.secret_file = overlay.secret_file;
    engine.previous_secret_file = overlay.previous_secret_file;
    engine.max_bid = std::nullopt;
    engine.budget_per_hour = overlay.budget_per_hour;
    engine.budget_per_day = std::nullopt;
    engine.votes = true;
    if (!overlay.puppets.empty()) engine.backends.clear();
    return engine;
}

void apply(const ambassador::Overlay& overlay, config::Config& config) {
    bounty::MarketSettings& market = config.polyswarm;
    market.engines = {with_overlay(engine_of(config), overlay)};
    market.journal = overlay.journal;
    market.filters = overlay.filters;
    market.rates = {};
    market.rates.per_minute = overlay.max_per_minute.value_or(0);
    if (overlay.max_pending) market.max_pending = *overlay.max_pending;
    market.on_stop = bounty::OnStop::answer;
    market.fetch.max_artifact_bytes = overlay.max_artifact_bytes;
    market.fetch.allow_hosts = overlay.allow_hosts;
    market.fetch.proxy.clear();
    config.serve.drain_timeout = overlay.drain_timeout;
    config.http = {};
    config.http.listen = {"127.0.0.1:0"};
    config.clamd = {};
    if (overlay.puppets.empty()) return;
    // Failures count in other strategies: here they must not keep the others from being heard.
    config.combiner.strategy = core::Strategy::any;
    if (overlay.only_puppets) config.backends.clear();
}

std::string puppet_tables(const ambassador::Overlay& overlay, const std::filesystem::path& puppet) {
    std::string text;
    for (std::size_t i = 0; i < overlay.puppets.size(); ++i)
        text += "\n[[backend]]\nname = \"puppet_" + std::to_string(i + 1) + "\"\nplugin = \"" +
                puppet.native() + "\"\nsettings.does = \"" + overlay.puppets[i] + "\"\n";
    return text;
}

ambassador::SpawnParts parts_of(const App& app) {
    config::SettingsOfBackends settings;
    for (const Rung& rung : app.rungs)
        settings[rung.config->policy.name] = {.specs = rung.plugin->card.settings, .settings = rung.settings};
    std::error_code error;
    std::filesystem::path puppet = app.options.puppet;   // a configuration wants plugins by absolute paths
    if (!puppet.empty()) puppet = std::filesystem::absolute(puppet, error);
    return {.program = std::filesystem::read_symlink("/proc/self/exe", error),
            .puppet = puppet,
            .configure = [config = app.loaded.config, settings = std::move(settings),
                          puppet](const ambassador::Overlay& overlay) -> util::Result<std::string> {
                return spawned_config(config, settings, overlay, puppet);
            },
            .webhook_path = engine_of(app.loaded.config).path};
}

}   // namespace

std::string spawned_config(config::Config config, config::SettingsOfBackends settings,
                           const ambassador::Overlay& overlay, const std::filesystem::path& puppet) {
    apply(overlay, config);
    // The file is as private as the one it comes from; "***" would not load.
    for (auto& [name, shown] : settings)
        for (core::SettingSpec& spec : shown.specs) spec.secret = false;
    return config::show(config, settings) + puppet_tables(overlay, puppet);
}

std::optional<int> play_ambassador(App& app) {
    ambassador::Lent lent{.print = [&app](std::string_view text) { return app.console.print(text); },
                          .progress =
                              [&app](std::string_view line) {
                                  if (app.console.terminal_err()) app.console.status(line);
                              },
                          .at_interrupt = {},
                          .spawning = {}};
    if (app.options.ambassador.spawn) lent.spawning = parts_of(app);
    std::function<void()> clean;
    const std::function<void()> interrupted = [&app, &clean] {
        app.console.status("");
        if (clean) clean();
        ::_exit(128 + app.signals.caught());
    };
    lent.at_interrupt = [&app, &clean, &interrupted](std::function<void()> given) {
        app.on_signal = nullptr;
        clean = std::move(given);
        app.on_signal = &interrupted;
    };
    const auto code = ambassador::run(app.options.ambassador, lent);
    app.on_signal = nullptr;
    if (code) return *code;
    return app.complain(code.error(), code.error().code == util::Errc::usage ? kUsage : kCannotRun);
}

}   // namespace microengine::app
