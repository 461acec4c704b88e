// SPDX-License-Identifier: MIT
#include "host/app/compose.hpp"

#include "host/app/serve/absent.hpp"
#include "host/cache/backend_key.hpp"
#include "host/cache/file_cache.hpp"
#include "host/cache/memory_cache.hpp"
#include "host/config/settings.hpp"
#include "host/isolate/process_backend.hpp"
#include "host/plugin/in_process_backend.hpp"
#include "host/util/clock.hpp"
#include "host/util/files.hpp"
#include "host/util/log.hpp"

#include <microengine/plugin.h>

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace microengine::app {

namespace {

constexpr auto kOpenTimeout = std::chrono::minutes(10);   // ClamAV's whole database on a slow disk

void refuse(Rung& rung, const util::Error& error) {
    rung.refusal = error.place + ": error: " + error.message;
    util::log(util::Level::debug, "backend_refused",
              {{"backend", rung.config->policy.name}, {"why", error.message}});
}

plugin::UsePolicy policy_of(const config::BackendConfig& backend) {
    return {.sha256 = backend.sha256, .granted_needs = plugin::granted_needs(backend.grant)};
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

/// Is all that its answers depend on told? What is in the files that its settings name, only signatures tell.
bool has_lasting_answers(const Rung& rung, const core::BackendFacts& facts) {
    const plugin::Card& card = rung.plugin->card;
    const bool reads_files = std::ranges::any_of(
        card.settings, [](const core::SettingSpec& spec) { return spec.type == core::SettingType::path; });
    // These see what is there at the time of the scan.
    constexpr std::uint32_t outside = ME_NEED_NETWORK | ME_NEED_READ_PATHS | ME_NEED_PROGRAMS;
    const auto& signatures = facts.signatures;
    const bool all_told = signatures ? !signatures->version.empty() && !signatures->fleeting : !reads_files;
    return (card.caps & ME_CAP_DETERMINISTIC) != 0 && (card.needs & outside) == 0 && all_told;
}

plugin::OpenRequest open_request(const Rung& rung) {
    return {.policy = rung.config->policy,
            .settings = rung.settings,
            .deadline = core::Deadline::after(kOpenTimeout),
            .temp_dir = std::nullopt};
}

util::Result<std::unique_ptr<plugin::Backend>> open_here(Rung& rung, plugin::Catalog& catalog,
                                                         plugin::TempRoot& temp_root) {
    const me_plugin_v1* const table = ME_TRY(catalog.load(*rung.plugin));
    plugin::OpenRequest request = open_request(rung);
    if ((rung.plugin->card.needs & ME_NEED_TEMP_DIR) != 0)
        request.temp_dir = ME_TRY(temp_root.make(rung.config->policy.name));
    return plugin::open_in_process(rung.plugin->card, table, std::move(request));
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

void open_backends(std::vector<Rung>& rungs, plugin::Catalog& catalog, plugin::TempRoot& temp_root,
                   isolate::Isolation* isolation) {
    const auto finish = [](Rung& rung, std::uint64_t start,
                           util::Result<std::unique_ptr<plugin::Backend>> opened) {
        rung.open_ns = util::monotonic_ns() - start;
        if (opened)
            rung.backend = *std::move(opened);
        else
            refuse(rung, opened.error());
    };
    // Each isolated one in a process of its own: they load side by side.
    std::vector<std::jthread> opening;
    for (Rung& rung : rungs) {
        if (rung.stopped() || rung.backend || rung.config->isolation != config::Isolation::process) continue;
        opening.emplace_back([&rung, &finish, isolation] {
            const std::uint64_t start = util::monotonic_ns();
            finish(rung, start, isolate::open_isolated(*isolation, *rung.plugin, open_request(rung)));
        });
    }
    for (Rung& rung : rungs) {
        if (rung.config->isolation != config::Isolation::in_process || rung.backend || rung.stopped())
            continue;   // others are being opened, or are open
        const std::uint64_t start = util::monotonic_ns();
        finish(rung, start, open_here(rung, catalog, temp_root));
    }
}

void forget_settings(std::vector<Rung>& rungs) {
    for (Rung& rung : rungs) {
        rung.settings = {};
        rung.settings_problems.clear();
    }
}

void stand_in(std::vector<Rung>& rungs) {
    for (Rung& rung : rungs)
        if (!rung.stopped() && !rung.backend) rung.backend = elsewhere(absent_facts(rung));
}

bool any_isolated(const std::vector<Rung>& rungs) {
    return std::ranges::any_of(
        rungs, [](const Rung& rung) { return rung.config->isolation == config::Isolation::process; });
}

util::Result<isolate::IsolationSettings> isolation_settings(const config::Config& config) {
    isolate::IsolationSettings settings;
    // With less a worker ends before it can say why, and the artifact looks like an attack.
    constexpr std::uint64_t least = std::uint64_t{64} << 20;
    if (config.isolation.memory_bytes != 0 && config.isolation.memory_bytes < least)
        return util::fail(util::Errc::config, config.file,
                          "isolation.memory_bytes is " + std::to_string(config.isolation.memory_bytes) +
                              "; it must be 0 (no limit) or at least " + std::to_string(least));
    settings.helper = util::layout().helper;
    settings.sandbox = static_cast<isolate::SandboxPolicy>(config.isolation.sandbox);
    settings.memory_bytes = config.isolation.memory_bytes;
    settings.temp_bytes = config.isolation.temp_bytes;
    if (::geteuid() != 0) return settings;   // workers stay who we are
    passwd entry{};
    passwd* found = nullptr;
    std::vector<char> space(std::size_t{64} << 10);
    const std::string& user = config.isolation.user;
    if (::getpwnam_r(user.c_str(), &entry, space.data(), space.size(), &found) != 0 || found == nullptr)
        return util::fail(util::Errc::config, config.file,
                          "isolation.user: there is no user '" + user + "' on this system");
    if (found->pw_uid == 0 || found->pw_gid == 0)
        return util::fail(
            util::Errc::config, config.file,
            "isolation.user must not be root, nor of its group; name an account without rights, as nobody");
    settings.user = found->pw_uid;
    settings.group = found->pw_gid;
    return settings;
}

std::shared_ptr<core::VerdictCache> make_cache(const config::CacheConfig& config) {
    if (config.memory_bytes == 0 && !config.persistent) return nullptr;
    std::unique_ptr<core::VerdictCache> file;
    if (config.persistent) {
        const std::filesystem::path users = util::user_cache();
        const bool nowhere = config.directory.empty() && users.empty();
        auto opened = nowhere ? util::fail(util::Errc::config, "cache.directory",
                                           "there is neither HOME nor XDG_CACHE_HOME to choose one below")
                              : cache::FileCache::open({.directory = config.directory.empty()
                                                                         ? users / "microengine" / "verdicts"
                                                                         : config.directory});
        if (opened)
            file = *std::move(opened);
        else
            util::log(util::Level::warning, "verdict_cache_unusable",
                      {{"place", opened.error().place}, {"why", opened.error().message}});
    }
    return std::make_shared<cache::MemoryCache>(config.memory_bytes, std::move(file));
}

std::shared_ptr<engine::Generation> make_generation(const config::Config& config, core::TrustedLists trusted,
                                                    std::span<Rung> rungs,
                                                    std::shared_ptr<core::VerdictCache> cache) {
    auto generation = std::make_shared<engine::Generation>();
    generation->combiner = config.combiner;
    generation->trusted = std::move(trusted);
    generation->cache = std::move(cache);
    for (Rung& rung : rungs) {
        engine::OpenBackend open{.backend = std::move(rung.backend),
                                 .timeout = rung.config->timeout,
                                 .max_artifact_bytes = rung.config->max_artifact_bytes,
                                 .one_at_a_time = std::move(rung.one_at_a_time)};
        open.identity = cache::backend_key(*open.backend->facts(), rung.plugin->sha256, rung.settings);
        if (has_lasting_answers(rung, *open.backend->facts())) open.cache_key = open.identity;
        if (!open.backend->parallel() && !open.one_at_a_time)
            open.one_at_a_time = std::make_shared<std::timed_mutex>();
        generation->backends.push_back(std::move(open));
    }
    return generation;
}

}   // namespace microengine::app
