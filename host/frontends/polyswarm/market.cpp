// SPDX-License-Identifier: MIT
#include "host/frontends/polyswarm/market.hpp"

#include "host/frontends/polyswarm/desk.hpp"
#include "host/frontends/polyswarm/webhook.hpp"
#include "host/util/log.hpp"
#include "host/util/metrics.hpp"
#include "host/util/mutex.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <future>
#include <thread>
#include <utility>

namespace microengine::polyswarm {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::size_t kPostsAtOnce = 64;
constexpr double kOddSkew = 5;   // seconds

fetch::ClientSettings client_settings(const bounty::FetchSettings& given, fetch::AddressGuard guard,
                                      std::size_t at_once) {
    return {.connect_timeout = given.connect_timeout,
            .stall_timeout = given.stall_timeout,
            .at_once = at_once,
            .proxy = given.proxy,
            .user_agent = "microengine/" MICROENGINE_VERSION,
            .guard = std::move(guard)};
}

/// Calls when the last one lets go of it.
struct Afterwards {
    explicit Afterwards(std::function<void()> given) : call(std::move(given)) {}
    ~Afterwards() { call(); }
    Afterwards(const Afterwards&) = delete;
    Afterwards& operator=(const Afterwards&) = delete;
    std::function<void()> call;
};

JournalRow row_of(const Arrival& arrival) {
    JournalRow row;
    row.key = bounty::key_of(arrival.bounty);
    row.engine = arrival.engine->settings.name;
    row.accepted_ms = unix_ms();
    row.deadline_ms = arrival.bounty.expiration_ms;
    row.delivery = arrival.delivery;
    row.body = arrival.body;
    return row;
}

void tell_skew(const bounty::Bounty& bounty) {
    if (!bounty.tasked_ms) return;
    const double skew = static_cast<double>(unix_ms() - *bounty.tasked_ms) / 1000;
    util::gauge("polyswarm_clock_skew_seconds", {}, skew);
    if (skew > kOddSkew || skew < -kOddSkew)
        util::log(util::Level::warning, "clock_skew",
                  {{"seconds", std::to_string(skew)},
                   {"why", "the bounty was late, or a clock is wrong: deadlines are the marketplace's"}});
}

}   // namespace

struct Market::Impl {
    Impl(Parts given, bounty::Filters its_filters, const fetch::AddressGuard& guard)
        : parts(std::move(given)),
          filters(std::move(its_filters)),
          work(io.get_executor()),
          webhook(parts.settings, engines,
                  [this](Arrival arrival, http::Mount::Answer done) {
                      accept(std::move(arrival), std::move(done));
                  }),
          fetches(client_settings(parts.settings.fetch, guard, parts.settings.fetch.max_fetches), parts.room),
          posts(client_settings(parts.settings.fetch, guard, kPostsAtOnce), parts.room) {
        for (const bounty::EngineSettings& one : parts.settings.engines)
            engines.push_back(std::make_unique<Engine>(one));
    }

    util::Result<void> open() {
        for (const auto& engine : engines) ME_CHECK(engine->read_secrets());
        journal = ME_TRY(Journal::open({.file = parts.settings.journal,
                                        .max_pending = parts.settings.max_pending,
                                        .keep_hours = parts.settings.journal_keep_hours}));
        desk = std::make_unique<Desk>(Desk::Parts{.io = io,
                                                  .settings = parts.settings,
                                                  .filters = filters,
                                                  .service = parts.service,
                                                  .journal = *journal,
                                                  .fetches = fetches,
                                                  .posts = posts});
        ME_CHECK(remember());
        owed = ME_TRY(journal->owed());
        return {};
    }

    void begin() {
        take_up();
        thread = std::jthread([this] { io.run(); });
    }

    [[nodiscard]] Engine* find(std::string_view name) const {
        const auto found = std::ranges::find(
            engines, name, [](const auto& one) -> std::string_view { return one->settings.name; });
        return found == engines.end() ? nullptr : found->get();
    }

    /// What the windows of budgets and rates hold.
    [[nodiscard]] util::Result<void> remember() const {
        const std::vector<JournalRow> rows = ME_TRY(journal->since(unix_ms() - kDayMs));
        for (const JournalRow& row : rows) {
            if (row.taken) desk->count_taken(row.accepted_ms);
            if (Engine* engine = find(row.engine); engine != nullptr && row.bid > bounty::Wei{})
                engine->purse.spent(row.fixed_ms, row.bid);
        }
        return {};
    }

    void take_up() {
        for (JournalRow& row : std::exchange(owed, {})) {
            auto bounty = bounty::parse_bounty(row.body, row.accepted_ms);
            if (!bounty) {   // of a program that read them otherwise: nobody could be replied to
                util::log(util::Level::error, "bounty_lost",
                          {{"engine", row.engine}, {"why", bounty.error().text()}});
                close(row);
                continue;
            }
            bounty->expiration_ms = row.deadline_ms;
            Engine* engine = find(row.engine);
            desk->resume(engine == nullptr ? retired(row.engine) : *engine, *std::move(bounty),
                         std::move(row));
        }
    }

    /// Waits for it: no case on the desk would be waited for at the end.
    void close(const JournalRow& row) const {
        std::promise<void> closed;
        journal->close({.key = row.key, .state = State::expired, .at_ms = unix_ms()},
                       [&closed](bool) { closed.set_value(); });
        closed.get_future().wait();
    }

    /// One that nobody can send bounties to any more, for those that are owed.
    Engine& retired(const std::string& name) {
        bounty::EngineSettings settings;
        settings.name = name;
        retired_engines.push_back(std::make_unique<Engine>(settings, Engine::Standing::retired));
        return *retired_engines.back();
    }

    void accept(Arrival arrival, http::Mount::Answer done) {
        tell_skew(arrival.bounty);
        if (!parts.service.accepting())
            return done(busy_response());   // not promised: it can be sent elsewhere
        JournalRow row = row_of(arrival);
        journal->promise(std::move(row), [this, arrival = std::move(arrival),
                                          done = std::move(done)](Promise promise) mutable {
            if (promise == Promise::known) util::count("polyswarm_duplicates_total");
            done(response_to(promise, std::move(arrival)));
        });
    }

    http::Response response_to(Promise promise, Arrival arrival) {
        if (promise == Promise::full) return busy_response();
        if (promise == Promise::failed) return journal_response();
        http::Response response = accepted_response();
        if (promise == Promise::made) response.held = start_after(std::move(arrival));
        return response;
    }

    /// Work begins once the 202 is on its way: who asked hears of it first.
    std::shared_ptr<void> start_after(Arrival arrival) {
        const auto kept = std::make_shared<Arrival>(std::move(arrival));
        kept->body.clear();   // the journal has it
        return std::make_shared<Afterwards>([this, kept] {
            asio::post(io,
                       [this, kept] { desk->open(*kept->engine, std::move(kept->bounty), kept->delivery); });
        });
    }

    Parts parts;
    bounty::Filters filters;
    asio::io_context io{1};
    asio::executor_work_guard<asio::io_context::executor_type> work;
    std::vector<std::unique_ptr<Engine>> engines;
    Webhook webhook;
    std::vector<std::unique_ptr<Engine>> retired_engines;
    std::vector<JournalRow> owed;   // until it begins
    std::unique_ptr<Desk> desk;
    std::unique_ptr<Journal> journal;   // what reports back to the desk ends before it
    fetch::Client fetches;
    fetch::Client posts;
    std::jthread thread;
};

Market::Market(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Market::~Market() {
    impl_->io.stop();
    if (impl_->thread.joinable()) impl_->thread.join();
}

util::Result<std::unique_ptr<Market>> Market::open(Parts parts) {
    auto filters = ME_TRY(bounty::Filters::compile(parts.settings.filters));
    auto guard = ME_TRY(fetch::AddressGuard::make(parts.settings.fetch.allow_hosts));
    auto impl = std::make_unique<Impl>(std::move(parts), std::move(filters), guard);
    ME_CHECK(impl->open());
    return std::unique_ptr<Market>(new Market(std::move(impl)));
}

void Market::begin() { impl_->begin(); }

http::Mount& Market::mount() { return impl_->webhook; }

util::Result<void> Market::reload_files() {
    util::Result<void> outcome;
    for (const auto& engine : impl_->engines)
        if (auto read = engine->read_secrets(); !read && outcome) outcome = std::move(read);
    return outcome;
}

void Market::stop_accepting() { impl_->journal->take_no_more(); }

bool Market::drain(steady_clock::time_point until, milliseconds last_replies) {
    if (!impl_->thread.joinable()) return true;   // it has not begun: what is owed stays owed
    impl_->webhook.settle();
    const auto last = std::max(until, steady_clock::now()) + last_replies;
    (void)answers(last);   // what has just been accepted is on the desk now
    // An empty desk is not enough: of some the 202 is still on its way.
    if (impl_->desk->wait_until_empty(until) && impl_->journal->pending() == 0) return true;
    if (impl_->parts.settings.on_stop == bounty::OnStop::keep) {
        asio::post(impl_->io, [this] { impl_->desk->leave(); });
        (void)answers(last);
    } else {
        asio::post(impl_->io, [this] { impl_->desk->give_up(); });
        (void)impl_->desk->wait_until_empty(last);
    }
    return impl_->journal->pending() == 0;
}

bool Market::answers(steady_clock::time_point until) {
    const auto asked = std::make_shared<std::promise<void>>();   // shared with the thread, which may be late
    auto answered = asked->get_future();
    asio::post(impl_->io, [asked] { asked->set_value(); });
    return answered.wait_until(until) == std::future_status::ready;
}

std::optional<std::string> Market::why_not_ready() const {
    if (impl_->journal->healthy()) return std::nullopt;
    return "the journal of bounties cannot be written";
}

void Market::measure() const {
    util::gauge("polyswarm_pending", {}, static_cast<double>(impl_->journal->pending()));
    util::gauge("polyswarm_pending_limit", {}, impl_->parts.settings.max_pending);
}

}   // namespace microengine::polyswarm
