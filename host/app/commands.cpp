// SPDX-License-Identifier: MIT
#include "host/app/commands.hpp"

#include "host/config/reference.hpp"
#include "host/config/show.hpp"
#include "host/frontends/cli/backend_table.hpp"
#include "host/frontends/cli/completion.hpp"
#include "host/frontends/cli/plugin_text.hpp"
#include "host/frontends/cli/scan.hpp"
#include "host/util/text.hpp"

#include <algorithm>
#include <ctime>
#include <filesystem>

namespace microengine::app {

namespace {

/// A path on the command line may be relative and go through links, unlike one in the config.
std::string resolved(const std::string& plugin) {
    if (!plugin.contains('/')) return plugin;
    std::error_code error;
    const std::filesystem::path real = std::filesystem::canonical(plugin, error);
    return error ? std::filesystem::absolute(plugin).native() : real.native();
}

int shown(bool written) { return written ? 0 : 2; }

}   // namespace

std::optional<int> scan(App& app) {
    const config::ScanConfig& configured = app.loaded.config.scan;
    const cli::ScanOptions& options = app.options.scan;
    const int code = cli::run_scan(
        {.options = options,
         // NOLINTNEXTLINE(bugprone-unchecked-optional-access): the stage before this made it
         .engine = *app.engine,
         .console = app.console,
         .limits = {.max_artifact_bytes = options.max_bytes.value_or(configured.max_artifact_bytes),
                    .stop = app.signals.stop_fd()},
         .timeout = options.timeout.value_or(configured.timeout)});
    const int signal = app.signals.caught();
    return signal == 0 ? code : 128 + signal;
}

std::optional<int> show_backends(App& app) {
    std::vector<cli::BackendState> states;
    for (const Rung& rung : app.rungs) {
        std::string refusal = rung.refusal;
        if (refusal.empty()) refusal = config::to_text(rung.settings_problems);
        plugin::Health health = rung.backend ? rung.backend->health() : plugin::Health{};
        health.isolation = rung.config->isolation == config::Isolation::process ? "process" : "in_process";
        states.push_back({.name = rung.config->policy.name,
                          .plugin = rung.config->plugin,
                          .health = std::move(health),
                          .facts = rung.backend ? rung.backend->facts() : nullptr,
                          .refusal = refusal,
                          .open_ns = rung.open_ns});
    }
    cli::SandboxFacts sandbox;
    if (app.isolation)
        sandbox = {.offers = isolate::kernel_text(app.isolation->kernel),
                   .lacks = isolate::lacks(app.isolation->kernel)};
    const bool written = app.console.print(
        app.options.json ? cli::backend_json(states, sandbox)
                         : cli::backend_table(states, sandbox, app.options.why, std::time(nullptr)));
    const bool ready = cli::all_ready(states);
    const bool reasons = !ready || std::ranges::any_of(states, [](const cli::BackendState& state) {
        return !state.health.weaknesses.empty();
    });
    if (reasons && !app.options.why && !app.options.json)
        app.console.note(ready ? "* with reservations: 'microengine backends --why' says which"
                               : "'microengine backends --why' gives the reasons");
    return ready ? shown(written) : 1;
}

std::optional<int> show_plugins(App& app) {
    if (app.options.command == Command::plugin_list) {
        // NOLINTNEXTLINE(bugprone-unchecked-optional-access): the stage before this made it
        plugin::Catalog& catalog = *app.catalog;
        const auto all = catalog.list();
        if (all.empty()) app.console.note("no plugins in " + catalog.directory().native());
        return shown(
            app.console.print(app.options.json ? cli::plugin_list_json(all) : cli::plugin_list(all)));
    }
    const auto plugin = app.catalog->find(resolved(app.options.plugin));
    if (!plugin) return app.complain(plugin.error(), 2);
    return shown(
        app.console.print(app.options.json ? cli::plugin_info_json(**plugin) : cli::plugin_info(**plugin)));
}

std::optional<int> show_config(App& app) {
    if (app.options.command == Command::config_check) {
        if (any_isolated(app.rungs))
            if (const auto isolation = isolation_settings(app.loaded.config); !isolation)
                return app.complain(isolation.error(), 78);
        const std::size_t backends = app.rungs.size();
        app.console.note(
            util::printable(app.loaded.config.file) + ": good, " + std::to_string(backends) +
            (backends == 1 ? " backend" : " backends") +
            "; signatures are not loaded: 'microengine backends' opens them" +
            (app.loaded.config.polyswarm.engines.empty()
                 ? ""
                 : "; nor are secrets and the journal of bounties: 'microengine serve' opens them"));
        return 0;
    }
    config::SettingsOfBackends settings;
    for (const Rung& rung : app.rungs)
        settings[rung.config->policy.name] = {.specs = rung.plugin->card.settings, .settings = rung.settings};
    return shown(app.console.print(config::show(app.loaded.config, settings)));
}

std::optional<int> print_text(App& app) {
    return shown(app.console.print(app.options.command == Command::completion
                                       ? cli::completion_script(app.options.shell, command_words())
                                       : config::reference()));
}

}   // namespace microengine::app
