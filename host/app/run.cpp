// SPDX-License-Identifier: MIT
#include "host/app/run.hpp"

#include "host/app/app.hpp"
#include "host/app/commands.hpp"
#include "host/app/log_sink.hpp"
#include "host/app/single_plugin.hpp"
#include "host/config/find.hpp"
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
        auto loaded = single_plugin_config(options.scan);
        if (!loaded) return app.complain(loaded.error(), 64);
        app.loaded = *std::move(loaded);
    } else {
        const auto found = config::find(
            options.config.empty() ? std::nullopt : std::optional<std::filesystem::path>(options.config));
        if (!found) return app.complain(found.error(), kBadConfig);
        app.tell(found->warnings);
        app.loaded = config::load(found->file);
    }
    app.trusted = config::load_trusted(app.loaded.config, app.loaded.diagnostics);
    if (options.scan.cache) app.loaded.config.cache.persistent = true;
    if (options.scan.strategy) app.loaded.config.combiner.strategy = *options.scan.strategy;
    return std::nullopt;
}

Result start_logging(App& app) {
    const config::LogConfig& log = app.loaded.config.log;
    start_log(app.options.log_level.value_or(log.level), app.options.log_format.value_or(log.format));
    return std::nullopt;
}

/// Why the plugin is refused, where its [[backend]] stands. No line of the file is quoted: which of its
/// settings are secret nobody knows without a card.
config::Diagnostic refusal_of(const Rung& rung, const App& app) {
    constexpr std::string_view error_mark = ": error: ";   // "place: error: code: text"
    const std::size_t split = std::min(rung.refusal.find(error_mark), rung.refusal.size());
    const std::string plugin = rung.refusal.substr(0, split);
    const std::string why = util::printable_lines(
        split == rung.refusal.size() ? rung.refusal : rung.refusal.substr(split + error_mark.size()));
    if (!app.options.scan.plugin.empty()) return {.file = plugin, .at = {}, .message = why};
    return {.file = app.loaded.config.file,
            .at = rung.config->at,
            .message = "backend '" + rung.config->policy.name + "': " + util::printable(plugin) + ": " + why};
}

/// The file's problems, the settings' and the plugins', in the order of the file.
std::vector<config::Diagnostic> problems_of(const App& app) {
    std::vector<config::Diagnostic> problems = app.loaded.diagnostics;
    // `backends` shows a refused one as a row with its reason.
    const bool refusals = app.options.command != Command::backends || !app.loaded.ok();
    for (const Rung& rung : app.rungs) {
        problems.insert(problems.end(), rung.settings_problems.begin(), rung.settings_problems.end());
        const bool named = !rung.config->plugin.empty();   // else that is the problem, and told
        if (refusals && named && !rung.refusal.empty()) problems.push_back(refusal_of(rung, app));
    }
    config::arrange(problems);
    return problems;
}

Result vet_plugins(App& app) {
    const std::filesystem::path& directory = app.loaded.config.plugins.directory;
    app.catalog.emplace(directory.empty() ? util::layout().plugins : directory);
    const bool any_plugin =
        app.options.command == Command::plugin_list || app.options.command == Command::plugin_info;
    if (any_plugin) {
        app.tell(app.loaded.diagnostics);
        return app.loaded.ok() ? std::nullopt : Result(kBadConfig);
    }
    app.rungs = vet_backends(app.loaded, *app.catalog);
    app.tell(problems_of(app));
    const bool stopped =
        app.options.command != Command::backends && std::ranges::any_of(app.rungs, &Rung::stopped);
    return app.loaded.ok() && !stopped ? std::nullopt : Result(kBadConfig);
}

Result open_all(App& app) {
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
constexpr std::array kBackendsStages{Stage{"load config", load_config}, Stage{"start logging", start_logging},
                                     Stage{"vet plugins", vet_plugins}, Stage{"open backends", open_all},
                                     Stage{"show", show_backends}};
constexpr std::array kPluginStages{Stage{"load config", load_config}, Stage{"start logging", start_logging},
                                   Stage{"vet plugins", vet_plugins}, Stage{"show", show_plugins}};
constexpr std::array kConfigStages{Stage{"load config", load_config}, Stage{"start logging", start_logging},
                                   Stage{"vet plugins", vet_plugins}, Stage{"show", show_config}};
constexpr std::array kTextStages{Stage{"print", print_text}};

std::span<const Stage> stages_of(Command command) {
    switch (command) {
        case Command::scan:
            return kScanStages;
        case Command::backends:
            return kBackendsStages;
        case Command::plugin_list:
        case Command::plugin_info:
            return kPluginStages;
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
    for (const Stage& stage : stages_of(options.command))
        if (const Result code = stage.run(app)) return *code;
    return 0;
}

}   // namespace microengine::app
