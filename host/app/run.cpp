// SPDX-License-Identifier: MIT
#include "host/app/run.hpp"

#include "host/app/ambassador.hpp"
#include "host/app/app.hpp"
#include "host/app/bounties.hpp"
#include "host/app/commands.hpp"
#include "host/app/log_sink.hpp"
#include "host/app/plugin_check.hpp"
#include "host/app/plugin_new/plugin_new.hpp"
#include "host/app/problems.hpp"
#include "host/app/serve/serve.hpp"
#include "host/config/find.hpp"
#include "host/config/single_plugin.hpp"
#include "host/config/trusted.hpp"
#include "host/frontends/cli/progress.hpp"
#include "host/util/files.hpp"
#include "host/util/text.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace microengine::app {

namespace {

constexpr int kBadConfig = 78;

/// A stage ends the process early by giving an exit code.
using Result = std::optional<int>;

Result load_config(App& app) {
    const Options& options = app.options;
    if (!options.scan.plugin.empty()) {
        auto loaded = config::single_plugin_config(
            {.file = options.scan.plugin, .settings = options.scan.settings, .grants = {}});
        if (!loaded) return app.complain(loaded.error(), 64);
        app.loaded = *std::move(loaded);
    } else {
        const auto found = config::find(
            options.config.empty() ? std::nullopt : std::optional<std::filesystem::path>(options.config));
        if (!found) return app.complain(found.error(), kBadConfig);
        app.tell(found->warnings);
        app.config_file = found->file;
        app.loaded = config::load(found->file);
    }
    app.trusted = config::load_trusted(app.loaded.config, app.loaded.diagnostics);
    if (options.scan.cache) app.loaded.config.cache.persistent = true;
    if (options.scan.strategy) app.loaded.config.combiner.strategy = *options.scan.strategy;
    return std::nullopt;
}

Result start_logging(App& app) {
    const config::LogConfig& log = app.loaded.config.log;
    const bool daemon = is_daemon(app.options.command);
    const util::Level configured = log.level == config::LogLevel::automatic
                                       ? (daemon ? util::Level::info : util::Level::warning)
                                       : static_cast<util::Level>(std::to_underlying(log.level) - 1);
    start_log(app.options.log_level.value_or(configured), app.options.log_format.value_or(log.format),
              daemon);
    return std::nullopt;
}

Result check_config(App& app) {
    app.tell(app.loaded.diagnostics);
    return app.loaded.ok() ? std::nullopt : Result(kBadConfig);
}

Result vet_plugins(App& app) {
    const std::filesystem::path& directory = app.loaded.config.plugins.directory;
    app.catalog.emplace(directory.empty() ? util::layout().plugins : directory);
    const bool any_plugin =
        app.options.command == Command::plugin_list || app.options.command == Command::plugin_info;
    if (any_plugin) return check_config(app);
    app.rungs = vet_backends(app.loaded, *app.catalog);
    if (app.scans_elsewhere()) forget_settings(app.rungs);
    const bool anonymous = !app.options.scan.plugin.empty();   // a configuration without a file
    // `backends` shows a refused one as a row with its reason.
    const bool refusals = app.options.command != Command::backends || !app.loaded.ok();
    app.tell(problems_of(app.loaded, app.rungs, {.refusals = refusals, .anonymous = anonymous}));
    const bool stopped =
        app.options.command != Command::backends && std::ranges::any_of(app.rungs, &Rung::stopped);
    if (!app.loaded.ok() || stopped) return kBadConfig;
    if (is_daemon(app.options.command)) app.origins = origins_of(app.rungs);
    return std::nullopt;
}

Result open_all(App& app) {
    if (app.scans_elsewhere()) {
        stand_in(app.rungs);
        app.temp_root.emplace(app.loaded.config.scan.temp_dir);
        return std::nullopt;
    }
    app.temp_root.emplace(app.loaded.config.scan.temp_dir);
    if (any_isolated(app.rungs)) {
        auto settings = isolation_settings(app.loaded.config);
        if (!settings) return app.complain(settings.error(), kBadConfig);
        app.isolation.emplace(*std::move(settings), *app.temp_root);
    }
    std::optional<cli::Waiting> waiting;
    const cli::ScanOptions& options = app.options.scan;
    if (app.console.terminal_err() && !options.quiet && options.progress != cli::When::never)
        waiting.emplace(app.console, "loading signatures …");
    // NOLINTNEXTLINE(bugprone-unchecked-optional-access): an earlier stage made both
    open_backends(app.rungs, *app.catalog, *app.temp_root, app.isolation ? &*app.isolation : nullptr);
    return std::nullopt;
}

Result start_engine(App& app) {
    if (app.any_stopped()) return kBadConfig;
    app.start_engine();
    return std::nullopt;
}

struct Stage {
    std::string_view name;
    Result (*run)(App&);
};

/// The life of a scan, in order. Read this first.
constexpr std::array kScanStages{
    Stage{"load config", load_config},       // TOML, environment        -> App::loaded
    Stage{"start logging", start_logging},   //                          -> the log facade
    Stage{"vet plugins",
          vet_plugins},   // no plugin code runs yet  -> App::catalog, App::rungs; tells all problems
    Stage{"open backends", open_all},      // signatures into memory   -> App::rungs
    Stage{"start engine", start_engine},   // slots, queue, combiner   -> App::engine
    Stage{"scan", scan},                   // until done or a signal
};
/// The life of the daemon: the last stage is all of it.
constexpr std::array kServeStages{
    Stage{"load config", load_config},         Stage{"start logging", start_logging},
    Stage{"check addresses", check_addresses}, Stage{"vet plugins", vet_plugins},
    Stage{"open backends", open_all},          Stage{"serve", serve}};
constexpr std::array kTargetStages{Stage{"start logging", start_logging}, Stage{"play", play_ambassador}};
constexpr std::array kSpawnStages{Stage{"load config", load_config}, Stage{"start logging", start_logging},
                                  Stage{"vet plugins", vet_plugins}, Stage{"play", play_ambassador}};
constexpr std::array kBackendsStages{Stage{"load config", load_config}, Stage{"start logging", start_logging},
                                     Stage{"vet plugins", vet_plugins}, Stage{"open backends", open_all},
                                     Stage{"show", show_backends}};
constexpr std::array kPluginStages{Stage{"load config", load_config}, Stage{"start logging", start_logging},
                                   Stage{"vet plugins", vet_plugins}, Stage{"show", show_plugins}};
constexpr std::array kConfigStages{Stage{"load config", load_config}, Stage{"start logging", start_logging},
                                   Stage{"vet plugins", vet_plugins}, Stage{"show", show_config}};
constexpr std::array kBountyStages{Stage{"load config", load_config}, Stage{"start logging", start_logging},
                                   Stage{"check config", check_config}, Stage{"show", show_bounties}};
constexpr std::array kNewStages{Stage{"make plugin", make_plugin}};
constexpr std::array kCheckStages{Stage{"become another program", become_check}};
constexpr std::array kTextStages{Stage{"print", print_text}};

std::span<const Stage> stages_of(const Options& options) {
    switch (options.command) {
        case Command::scan:
            return kScanStages;
        case Command::serve:
        case Command::worker:
            return kServeStages;
        case Command::ambassador:
            if (options.ambassador.spawn) return kSpawnStages;
            return kTargetStages;
        case Command::bounties:
            return kBountyStages;
        case Command::backends:
            return kBackendsStages;
        case Command::plugin_list:
        case Command::plugin_info:
            return kPluginStages;
        case Command::plugin_new:
            return kNewStages;
        case Command::plugin_check:
            return kCheckStages;
        case Command::config_check:
        case Command::config_show:
            return kConfigStages;
        case Command::config_reference:
        case Command::completion:
            return kTextStages;
    }
    return kTextStages;
}

}   // namespace

int run(const Options& options, SignalWatch& signals) {
    App app(options, signals);
    for (const Stage& stage : stages_of(options))
        if (const Result code = stage.run(app)) return *code;
    return 0;
}

}   // namespace microengine::app
