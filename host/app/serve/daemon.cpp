// SPDX-License-Identifier: MIT
#include "host/app/serve/daemon.hpp"

#include "host/app/serve/readiness.hpp"
#include "host/util/log.hpp"
#include "host/util/mutex.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <thread>
#include <utility>

namespace microengine::app {

namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kLastReplies{2};   // for what was cancelled to reach its clients

/// Once that time has come, what is in work is answered as it is. Nothing happens if it is let go of before.
class Deadline {
public:
    Deadline(std::function<void()> cancel, steady_clock::time_point when)
        : thread_([this, cancel = std::move(cancel), when](const std::stop_token& stop) {
              util::Lock lock(mutex_);
              (void)passed_.wait_until(lock, stop, when, [] { return false; });
              if (!stop.stop_requested()) cancel();
          }) {}

private:
    util::Mutex mutex_;
    util::Condition passed_;
    std::jthread thread_;   // last: ends before what it uses
};

std::vector<std::string> addresses_of(const std::vector<net::Listener>& listeners) {
    std::vector<std::string> addresses;
    addresses.reserve(listeners.size());
    for (const net::Listener& listener : listeners) addresses.push_back(to_text(listener.endpoint));
    return addresses;
}

void tell_listening(const std::string& frontend, const std::vector<std::string>& addresses) {
    for (const std::string& address : addresses)
        util::log(util::Level::info, "listening", {{"frontend", frontend}, {"address", address}});
}

std::unique_ptr<dispatch::Dispatcher> dispatcher_for(const Daemon::Parts& parts, const config::Config& config,
                                                     engine::LiveEngine& engine) {
    if (!parts.queue) return nullptr;
    return std::make_unique<dispatch::Dispatcher>(
        dispatch::Dispatcher::Parts{.settings = config.queue,
                                    .capacity = config.serve.queue_jobs,
                                    .carriers = std::max(2U, std::thread::hardware_concurrency()),
                                    .link = *parts.queue,
                                    .local = engine});
}

}   // namespace

Daemon::Daemon(Parts parts)
    : parts_(std::move(parts)),
      config_(parts_.first.config),
      room_(std::make_shared<intake::SpoolRoom>(config_.serve.spool_bytes, config_.serve.spool_dir)),
      engine_(parts_.first.generation, {.slots = parts_.slots, .queue_capacity = config_.serve.queue_jobs}),
      dispatcher_(dispatcher_for(parts_, config_, engine_)),
      observed_(dispatcher_ ? static_cast<engine::ScanService&>(*dispatcher_) : engine_),
      live_(observed_, *this, *room_),
      renewal_({.file = parts_.config_file,
                .temp_root = parts_.temp_root,
                .isolation = parts_.isolation,
                .engine = engine_,
                .elsewhere = parts_.queue.has_value()},
               std::move(parts_.first)) {
    Reloader::Parts reloading{
        .attempt = [this] { return reload_all(); },
        .watched = {},
        .unfinished = [this] { return renewal_.unfinished(); },
        .tell = [this](const engine::ReloadOutcome& outcome) { observed_.tell(outcome); },
        .settle = config_.serve.settle};
    if (config_.serve.watch) reloading.watched = [this] { return renewal_.watched(); };
    reloader_ = std::make_unique<Reloader>(std::move(reloading));
}

Daemon::~Daemon() {
    end();   // where it could not start
}

util::Result<void> Daemon::start(net::Inherited& inherited) {
    if (const auto usable = room_->usable(); !usable)
        return util::fail(util::Errc::config, usable.error().place,
                          usable.error().message + ": large artifacts wait there; set serve.spool_dir");
    ME_CHECK(start_clamd(inherited));
    ME_CHECK(start_market());
    ME_CHECK(start_http(inherited));
    ME_CHECK(start_worker());
    if (market_) market_->begin();
    return {};
}

util::Result<void> Daemon::start_clamd(net::Inherited& inherited) {
    const core::ClamdSettings& settings = parts_.clamd;
    if (settings.listen.empty()) return {};
    auto listeners = ME_TRY(net::listen_on(
        settings.listen, {.socket_mode = settings.socket_mode, .socket_group = settings.socket_group},
        inherited));
    const auto addresses = addresses_of(listeners);
    clamd_ = ME_TRY(clamd::ClamdServer::start(
        {.settings = settings, .service = observed_, .operations = *this, .room = room_},
        std::move(listeners)));
    tell_listening("clamd", addresses);
    return {};
}

util::Result<void> Daemon::start_market() {
    if (config_.polyswarm.engines.empty() || parts_.role == Role::worker) return {};
    market_ =
        ME_TRY(polyswarm::Market::open({.settings = config_.polyswarm, .service = observed_, .room = room_}));
    secrets_of_ = market_.get();
    return {};
}

util::Result<void> Daemon::start_http(net::Inherited& inherited) {
    const core::HttpSettings& settings = parts_.http;
    if (settings.listen.empty()) return {};
    auto listeners = ME_TRY(net::listen_on(
        settings.listen, {.socket_mode = settings.socket_mode, .socket_group = settings.socket_group},
        inherited));
    const auto addresses = addresses_of(listeners);
    http_ = ME_TRY(http::HttpServer::start({.settings = settings,
                                            .service = observed_,
                                            .operations = *this,
                                            .room = room_,
                                            .mount = market_ ? &market_->mount() : nullptr},
                                           std::move(listeners)));
    observed_.listen(&http_->listener());
    files_of_ = http_.get();
    tell_listening("http", addresses);
    return {};
}

util::Result<void> Daemon::start_worker() {
    if (parts_.role != Role::worker) return {};
    worker_ = ME_TRY(worker::Worker::start(
        {.settings = config_.queue, .service = observed_, .slots = parts_.slots, .room = room_}));
    worker_looked_at_ = worker_.get();
    return {};
}

/// Tokens and certificates are part of it: who has withdrawn one must hear that it was not taken.
engine::ReloadOutcome Daemon::reload_all() {
    const auto refused = [this](const util::Error& why) {
        return engine::ReloadOutcome{
            .replaced = false, .generation = engine_.generation()->number, .problems = {why.text()}};
    };
    if (http::HttpServer* http = files_of_)
        if (const auto files = http->reload_files(); !files) return refused(files.error());
    if (polyswarm::Market* market = secrets_of_)
        if (const auto files = market->reload_files(); !files) return refused(files.error());
    return renewal_.attempt();
}

void Daemon::run(const Notifier& notifier) {
    notifier.tell("READY=1\nSTATUS=serving");
    util::log(util::Level::info, "serving", {{"version", MICROENGINE_VERSION}});
    wait(notifier);
    notifier.tell("STOPPING=1\nSTATUS=answering what is in work");
    util::log(util::Level::info, "ending",
              {{"running", std::to_string(observed_.load().running)},
               {"waiting", std::to_string(observed_.load().waiting)}});
    end();
    util::log(util::Level::info, "ended");
}

void Daemon::wait(const Notifier& notifier) const {
    using std::chrono::milliseconds;
    int pause = -1;
    if (const auto watchdog = notifier.watchdog())
        pause = static_cast<int>(std::chrono::duration_cast<milliseconds>(*watchdog / 3).count());
    for (;;) {
        pollfd stop{.fd = parts_.stop_fd, .events = POLLIN, .revents = 0};
        const int got = ::poll(&stop, 1, pause);
        if (got > 0) return;
        if (got == 0 && frontends_answer()) notifier.tell("WATCHDOG=1");
    }
}

/// A manager that hears nothing restarts us: only where a thread that serves clients hangs.
bool Daemon::frontends_answer() const {
    const auto until = steady_clock::now() + std::chrono::seconds(1);
    return (!clamd_ || clamd_->answers(until)) && (!http_ || http_->answers(until)) &&
           (!market_ || market_->answers(until));
}

void Daemon::end() {
    if (ending_.exchange(true)) return;
    if (clamd_) clamd_->stop_accepting();
    if (market_) market_->stop_accepting();
    if (http_) http_->stop_accepting();
    if (worker_) worker_->stop_accepting();
    const auto until = steady_clock::now() + config_.serve.drain_timeout;
    drain_frontends(until);
    if (dispatcher_) {
        dispatcher_->cancel();
        dispatcher_->drain();
    }
    engine_.cancel();
    engine_.drain();
    // What was cancelled is given back to the broker.
    if (worker_ && !worker_->drain(steady_clock::now() + kLastReplies))
        util::log(util::Level::warning, "jobs_left", {{"why", "the broker gives them to other workers"}});
    // Signatures may load for minutes, and all clients have been answered.
    if (!reloader_->end(steady_clock::now() + kLastReplies)) {
        util::log(util::Level::info, "ended", {{"why", "while signatures were being loaded"}});
        std::_Exit(0);
    }
    // A reload that was under way has waited for the scans of the generation before: nobody calls it any
    // more.
    worker_looked_at_ = nullptr;
    worker_.reset();
    observed_.listen(nullptr);
    clamd_.reset();
    http_.reset();
    market_.reset();
}

void Daemon::drain_frontends(steady_clock::time_point until) {
    const auto cancel = [this] {
        if (dispatcher_) dispatcher_->cancel();
        engine_.cancel();
    };
    const Deadline deadline(cancel, until);
    if (clamd_ && !clamd_->drain(until + kLastReplies))
        util::log(util::Level::warning, "clients_left", {{"frontend", "clamd"}});
    if (http_ && !http_->drain(until + kLastReplies))
        util::log(util::Level::warning, "clients_left", {{"frontend", "http"}});
    if (market_ && !market_->drain(until, kLastReplies))
        util::log(util::Level::warning, "bounties_left", {{"why", "they are taken up at the next start"}});
    if (worker_) (void)worker_->drain(until);
}

void Daemon::reload(std::string_view who, std::move_only_function<void(const engine::ReloadOutcome&)> done) {
    reloader_->request(who, std::move(done));
}

void Daemon::shutdown(std::string_view who) {
    util::log(util::Level::info, "shutdown", {{"who", std::string(who)}});
    parts_.end();
}

engine::Readiness Daemon::readiness() const {
    engine::Readiness readiness =
        readiness_of(backends(), {.ending = ending_,
                                  .max_signature_age_hours = config_.serve.max_signature_age_hours,
                                  .now_unix = std::time(nullptr)});
    const auto add = [&readiness](const std::optional<std::string>& why) {
        if (!why) return;
        readiness.reasons.push_back(*why);
        readiness.ready = false;
    };
    if (dispatcher_) add(dispatcher_->why_not_ready());
    if (const worker::Worker* worker = worker_looked_at_) add(worker->why_not_ready());
    const polyswarm::Market* market = secrets_of_;
    if (market != nullptr) add(market->why_not_ready());
    return readiness;
}

std::vector<engine::BackendStatus> Daemon::backends() const { return backends_of(*engine_.generation()); }

std::string Daemon::metrics() const {
    if (const polyswarm::Market* market = secrets_of_) market->measure();
    return parts_.registry.text(live_);
}

}   // namespace microengine::app
