// SPDX-License-Identifier: MIT
#pragma once
// The engine, the frontends before it and what looks after them, from the first connection to the last reply.

#include "host/app/serve/live_metrics.hpp"
#include "host/app/serve/metrics_registry.hpp"
#include "host/app/serve/notify.hpp"
#include "host/app/serve/observed.hpp"
#include "host/app/serve/reloader.hpp"
#include "host/app/serve/renewal.hpp"
#include "host/dispatch/dispatcher.hpp"
#include "host/engine/live_engine.hpp"
#include "host/engine/operations.hpp"
#include "host/frontends/clamd/server.hpp"
#include "host/frontends/http/server.hpp"
#include "host/frontends/polyswarm/market.hpp"
#include "host/frontends/worker/worker.hpp"
#include "host/intake/spool.hpp"
#include "host/net/listen.hpp"
#include "host/util/result.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace microengine::app {

class Daemon final : public engine::Operations {
public:
    enum class Role : std::uint8_t {
        serve,    ///< scans come in at the frontends
        worker,   ///< scans come from the broker; the frontends are for looking
    };
    struct Parts {
        Role role = Role::serve;
        std::optional<broker::LinkSettings> queue;   ///< scans are put into it, not done here
        std::filesystem::path config_file;
        core::ClamdSettings clamd;   ///< with the addresses of the command line, as http
        core::HttpSettings http;
        Opened first;
        std::size_t slots = 1;
        plugin::TempRoot& temp_root;
        std::optional<isolate::Isolation>& isolation;
        MetricsRegistry& registry;
        int stop_fd = -1;            ///< readable once it is to end
        std::function<void()> end;   ///< makes it so
    };
    /// Nothing is served yet. Throws where no thread can be started.
    explicit Daemon(Parts parts);
    ~Daemon() override;
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    /// Opens the addresses and serves from here on.
    [[nodiscard]] util::Result<void> start(net::Inherited& inherited);
    /// Until the stop descriptor says so; then ends, once what is in work has been answered or
    /// serve.drain_timeout has passed.
    void run(const Notifier& notifier);

    void reload(std::string_view who,
                std::move_only_function<void(const engine::ReloadOutcome&)> done) override;
    void shutdown(std::string_view who) override;
    [[nodiscard]] engine::Readiness readiness() const override;
    [[nodiscard]] std::vector<engine::BackendStatus> backends() const override;
    [[nodiscard]] std::string metrics() const override;

private:
    [[nodiscard]] util::Result<void> start_clamd(net::Inherited& inherited);
    [[nodiscard]] util::Result<void> start_market();
    [[nodiscard]] util::Result<void> start_http(net::Inherited& inherited);
    [[nodiscard]] util::Result<void> start_worker();
    void drain_frontends(std::chrono::steady_clock::time_point until);
    [[nodiscard]] engine::ReloadOutcome reload_all();
    void wait(const Notifier& notifier) const;
    [[nodiscard]] bool frontends_answer() const;
    void end();

    Parts parts_;
    const config::Config config_;   ///< of the start: a reload replaces nothing of what is used here
    std::atomic<bool> ending_ = false;
    std::shared_ptr<intake::SpoolRoom> room_;   // shared with the artifacts that wait in it
    engine::LiveEngine engine_;
    std::unique_ptr<dispatch::Dispatcher> dispatcher_;   // null: scans are done here
    Observed observed_;
    LiveMetrics live_;
    Renewal renewal_;
    std::unique_ptr<clamd::ClamdServer> clamd_;
    std::unique_ptr<polyswarm::Market> market_;   // its paths are http_'s: ends after it
    std::unique_ptr<http::HttpServer> http_;
    std::unique_ptr<worker::Worker> worker_;
    std::atomic<worker::Worker*> worker_looked_at_ = nullptr;   // worker_, once others may ask it
    std::atomic<http::HttpServer*> files_of_ = nullptr;         // http_, once a reload may reach for it
    std::atomic<polyswarm::Market*> secrets_of_ = nullptr;      // market_, the same
    std::unique_ptr<Reloader> reloader_;                        // answers the frontends: ends before them
};

}   // namespace microengine::app
