// SPDX-License-Identifier: MIT
#include "host/app/run.hpp"

#include "host/app/app.hpp"
#include "host/app/commands.hpp"
#include "host/app/log_sink.hpp"
#include "host/app/single_plugin.hpp"
#include "host/config/find.hpp"
#include "host/config/trusted.hpp"
#include "host/util/files.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <utility>

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
    if (options.scan.strategy) app.loaded.config.combiner.strategy = *options.scan.strategy;
    return std::nullopt;
}

Result start_logging(App& app) {
    const config::LogConfig& log = app.loaded.config.log;
    start_log(app.options.log_level.value_or(log.level), app.options.log_format.value_or(log.format));
    return std::nullopt;
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
    // The file's problems and the settings' are told together, in the order of the file.
    std::vector<config::Diagnostic> problems = app.loaded.diagnostics;
    for (const Rung& rung : app.rungs)
        problems.insert(problems.end(), rung.settings_problems.begin(), rung.settings_problems.end());
    config::arrange(problems);
    app.tell(problems);
    return app.loaded.ok() ? std::nullopt : Result(kBadConfig);
}

Result open_all(App& app) {
    app.temp_root.emplace(app.loaded.config.scan.temp_dir);
    if (app.options.command == Command::scan && app.any_stopped()) return kBadConfig;
    if (std::ranges::any_of(app.rungs, [](const Rung& rung) {
            return rung.config->isolation == config::Isolation::process;
        })) {
        auto settings = isolation_settings(app.loaded.config);
        if (!settings) return app.complain(settings.error(), kBadConfig);
        app.isolation.emplace(*std::move(settings), *app.temp_root);
    }
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
