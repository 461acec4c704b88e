// SPDX-License-Identifier: MIT
#include "host/app/compose.hpp"

#include "host/config/settings.hpp"
#include "host/plugin/in_process_backend.hpp"
#include "host/util/clock.hpp"
#include "host/util/log.hpp"

#include <microengine/plugin.h>

#include <utility>

namespace microengine::app {

namespace {

constexpr auto kOpenTimeout = std::chrono::minutes(10);   // ClamAV's whole database on a slow disk

void refuse(Rung& rung, const util::Error& error) {
    rung.refusal = error.place + ": error: " + error.message;
    util::log(util::Level::debug, "backend_refused",
              {{"backend", rung.config->policy.name}, {"why", error.message}});
}

plugin::UsePolicy policy_of(const config::BackendConfig& backend) {
    plugin::UsePolicy policy{.sha256 = backend.sha256, .granted_needs = 0};
    for (const std::string& right : backend.grant)
        policy.granted_needs |= right == "network" ? ME_NEED_NETWORK : ME_NEED_EXEC_MEMORY;
    return policy;
}

void vet_one(Rung& rung, const config::Loaded& loaded, plugin::Catalog& catalog) {
    const auto found = catalog.find(rung.config->plugin);
    if (!found) return refuse(rung, found.error());
    rung.plugin = *found;
    for (const std::string& warning : rung.plugin->warnings)
        util::log(util::Level::warning, "plugin_warning", {{"text", warning}});
    if (const auto allowed = plugin::check_use(**found, policy_of(*rung.config)); !allowed)
        return refuse(rung, allowed.error());
    auto checked = config::check_settings(loaded, *rung.config, rung.plugin->card.settings);
    rung.settings = std::move(checked.settings);
    rung.settings_problems = std::move(checked.diagnostics);
}

}   // namespace

bool Rung::stopped() const { return !refusal.empty() || config::has_errors(settings_problems); }

std::vector<Rung> vet_backends(const config::Loaded& loaded, plugin::Catalog& catalog) {
    std::vector<Rung> rungs;
    for (const config::BackendConfig& backend : loaded.config.backends) {
        if (!backend.enabled) continue;
        Rung& rung = rungs.emplace_back();
        rung.config = &backend;
        vet_one(rung, loaded, catalog);
    }
    return rungs;
}

void open_backends(std::vector<Rung>& rungs, plugin::Catalog& catalog, plugin::TempRoot& temp_root) {
    for (Rung& rung : rungs) {
        if (rung.stopped()) continue;
        const auto table = catalog.load(*rung.plugin);
        if (!table) {
            refuse(rung, table.error());
            continue;
        }
        const std::uint64_t start = util::monotonic_ns();
        auto opened = plugin::open_in_process(*rung.plugin, *table,
                                              {.policy = rung.config->policy,
                                               .settings = rung.settings,
                                               .deadline = core::Deadline::after(kOpenTimeout),
                                               .temp_root = &temp_root});
        rung.open_ns = util::monotonic_ns() - start;
        if (opened)
            rung.backend = *std::move(opened);
        else
            refuse(rung, opened.error());
    }
}

std::shared_ptr<const engine::Generation> make_generation(const config::Config& config,
                                                          core::TrustedLists trusted,
                                                          std::vector<Rung> rungs) {
    auto generation = std::make_shared<engine::Generation>();
    generation->combiner = config.combiner;
    generation->trusted = std::move(trusted);
    for (Rung& rung : rungs) {
        engine::OpenBackend open{.backend = std::move(rung.backend),
                                 .timeout = rung.config->timeout,
                                 .max_artifact_bytes = rung.config->max_artifact_bytes,
                                 .one_at_a_time = nullptr};
        if (!open.backend->parallel()) open.one_at_a_time = std::make_unique<std::timed_mutex>();
        generation->backends.push_back(std::move(open));
    }
    return generation;
}

}   // namespace microengine::app
