// SPDX-License-Identifier: MIT
#include "host/app/serve/serve.hpp"

#include "host/app/serve/canary.hpp"
#include "host/app/serve/daemon.hpp"
#include "host/app/serve/notify.hpp"
#include "host/util/endpoint.hpp"
#include "host/util/log.hpp"
#include "host/util/metrics.hpp"

#include <algorithm>
#include <thread>
#include <utility>

namespace microengine::app {

namespace {

constexpr int kCannotServe = 2;
constexpr int kUsage = 64;
constexpr int kBadConfig = 78;

/// Addresses of the command line, which the configuration has not checked.
struct Given {
    std::string option;
    const std::vector<std::string>& addresses;
    bool guarded;   // may others reach it?
    std::string guard;
};

std::string quoted(const std::string& text) { return "'" + text + "'"; }

template <class Settings>
Settings with_addresses(Settings settings, const std::vector<std::string>& given) {
    if (!given.empty()) settings.listen = given;
    return settings;
}

/// Of what the stages before have opened.
Opened first_of(App& app) {
    Draft draft{.loaded = std::move(app.loaded),
                .trusted = std::move(app.trusted),
                // NOLINTNEXTLINE(bugprone-unchecked-optional-access): an earlier stage made it
                .catalog = std::make_unique<plugin::Catalog>(*std::move(app.catalog)),
                .rungs = std::move(app.rungs),
                .origins = std::move(app.origins)};
    auto cache = make_cache(draft.loaded.config.cache);
    return finish(std::move(draft), std::move(cache), 1);
}   // NOLINT(clang-analyzer-cplusplus.NewDeleteLeaks): the draft owned it

/// Have signatures changed while they were loaded?
bool has_changed(const std::vector<Rung>& rungs, const std::vector<Origin>& before) {
    return !std::ranges::equal(origins_of(rungs), before, {}, &Origin::files, &Origin::files);
}

/// They are no reason not to begin: what was good enough to load serves until somebody mends it.
void warn_of_canaries(const Opened& opened) {
    for (const CanaryProblem& problem : canary_problems(opened.generation))
        util::log(util::Level::warning, "canary_failed",
                  {{"backend", problem.backend}, {"why", problem.text}});
}

std::size_t slots_of(const config::Config& config) {
    return config.scan.workers != 0 ? config.scan.workers : std::max(1U, std::thread::hardware_concurrency());
}

/// Whatever ends: the registry outlives all that counts.
struct Counting {
    explicit Counting(MetricsRegistry& registry) { util::set_metrics_sink(&registry); }
    ~Counting() { util::set_metrics_sink(nullptr); }
    Counting(const Counting&) = delete;
    Counting& operator=(const Counting&) = delete;
};

}   // namespace

std::optional<int> check_addresses(App& app) {
    if (!app.loaded.ok()) return std::nullopt;   // the next stage says why
    const config::Config& config = app.loaded.config;
    const Options& options = app.options;
    const auto refuse = [&app](std::string place, std::string message, int code) {
        return app.complain(
            {.code = util::Errc::usage, .place = std::move(place), .message = std::move(message)}, code);
    };
    for (const auto& [option, given, guarded, guard] :
         {Given{"--clamd", options.listen_clamd, !config.clamd.allow_peers.empty(), "clamd.allow_peers"},
          Given{"--http", options.listen_http, !config.http.tokens_file.empty(), "http.tokens_file"}}) {
        for (const std::string& text : given) {
            const auto endpoint = util::parse_endpoint(text);
            if (!endpoint)
                return refuse(option,
                              quoted(text) +
                                  " is no address: 127.0.0.1:8080, [::1]:8080, an absolute path of a "
                                  "socket, or systemd:NAME",
                              kUsage);
            if (!endpoint->local() && !guarded)
                return refuse(option,
                              quoted(text) + " can be reached from other machines; without " + guard +
                                  " that is not served",
                              kBadConfig);
        }
    }
    if (options.command == Command::serve && !config.polyswarm.engines.empty() &&
        with_addresses(config.http, options.listen_http).listen.empty())
        return refuse(config.file,
                      "a polyswarm engine is served at a path of the HTTP server: set http.listen, or give "
                      "--http ADDRESS",
                      kBadConfig);
    if (options.command == Command::worker) {
        if (!config.queue.url.empty()) return std::nullopt;
        return refuse(config.file, "no queue to take jobs from: set queue.url = \"amqps://HOST\"",
                      kBadConfig);
    }
    const bool none = with_addresses(config.clamd, options.listen_clamd).listen.empty() &&
                      with_addresses(config.http, options.listen_http).listen.empty();
    if (!none) return std::nullopt;
    return refuse(
        config.file,
        "nothing to serve: set http.listen or clamd.listen, or give --http ADDRESS or --clamd ADDRESS",
        kBadConfig);
}

std::optional<int> serve(App& app) {
    if (app.any_stopped()) return kBadConfig;
    const bool worker = app.options.command == Command::worker;
    auto clamd = with_addresses(app.loaded.config.clamd, app.options.listen_clamd);
    auto http = with_addresses(app.loaded.config.http, app.options.listen_http);
    if (worker) {   // the configuration may be that of the whole fleet: its addresses are for who serves
        clamd.listen.clear();
        http.listen = app.options.listen_http;
    }
    std::optional<broker::LinkSettings> queue;
    if (app.scans_elsewhere()) {
        auto prepared = dispatch::Dispatcher::prepare(app.loaded.config.queue);
        if (!prepared) return app.complain(prepared.error(), kBadConfig);
        queue = *std::move(prepared);
    }
    const Notifier notifier;
    net::Inherited inherited;
    static MetricsRegistry registry;   // threads of libraries may count until the very end
    const Counting counting(registry);
    const std::size_t slots = slots_of(app.loaded.config);
    const bool changed = app.loaded.config.serve.watch && has_changed(app.rungs, app.origins);
    Opened first = first_of(app);
    if (!queue) warn_of_canaries(first);
    Daemon daemon({.role = worker ? Daemon::Role::worker : Daemon::Role::serve,
                   .queue = std::move(queue),
                   .config_file = app.config_file,
                   .clamd = clamd,
                   .http = http,
                   .first = std::move(first),
                   .slots = slots,
                   .temp_root = *app.temp_root,   // NOLINT(bugprone-unchecked-optional-access): made before
                   .isolation = app.isolation,
                   .registry = registry,
                   .stop_fd = app.signals.stop_fd(),
                   .end = [&app] { app.signals.end(); }});
    static const std::function<void()> nothing = [] {};   // the daemon looks at the stop descriptor
    app.on_signal = &nothing;
    if (const auto started = daemon.start(inherited); !started) {
        app.on_signal = nullptr;
        util::log(util::Level::error, "cannot_serve", {{"why", started.error().text()}});
        return app.complain(started.error(),
                            started.error().code == util::Errc::config ? kBadConfig : kCannotServe);
    }
    if (changed) daemon.reload("watch", {});
    app.signals.on_hangup([&daemon] { daemon.reload("SIGHUP", {}); });
    daemon.run(notifier);
    app.signals.on_hangup({});
    return 0;
}

}   // namespace microengine::app
