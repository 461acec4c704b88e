// SPDX-License-Identifier: MIT
#include "host/dispatch/courier.hpp"

#include "host/util/clock.hpp"
#include "host/util/log.hpp"
#include "host/util/metrics.hpp"
#include "host/util/random_id.hpp"
#include "host/util/wait_fd.hpp"

#include <algorithm>
#include <array>

namespace microengine::dispatch {

namespace {

using util::Lock;

constexpr std::uint64_t kMs = 1'000'000;
constexpr std::uint64_t kFullNs = 1'000 * kMs;          // how long a refusal speaks for the next ones
constexpr std::uint64_t kAgainNs = 200 * kMs;           // before a refused one is tried again
constexpr std::uint64_t kLongestWaitNs = 1'000 * kMs;   // heartbeats must be sent
constexpr std::size_t kMostUnconfirmed = 1'000;
// What fits into the socket's buffer while the broker takes nothing: publishing never waits for it.
constexpr std::size_t kMostUnconfirmedBytes = std::size_t{128} << 10;

}   // namespace

Courier::Courier(Parts parts)
    : parts_(std::move(parts)),
      results_name_(broker::result_queue(parts_.settings, util::random_id())),
      timekeeper_([this](const std::stop_token& stop) { keep_time(stop); }),
      thread_([this](const std::stop_token& stop) {
          reconnector_.run(stop, {.session = [this](const std::stop_token& token) { return serve(token); },
                                  .lost = [this] { set_blocked(false); },
                                  .pause = [this](std::uint64_t until) { wait(nullptr, until); }});
      }) {}

Courier::~Courier() {
    thread_.request_stop();
    timekeeper_.request_stop();
    wake_.up();
    sooner_.up();
}

void Courier::send(std::string id) {
    {
        const Lock lock(mutex_);
        outbox_.push_back(std::move(id));
    }
    wake_.up();
    if (parts_.ledger.next_ns().value_or(UINT64_MAX) < asleep_until_ns_) sooner_.up();
}

bool Courier::full() const { return blocked_ || util::monotonic_ns() < full_until_ns_; }

util::Result<Courier::Session> Courier::connect() const {
    Session session;
    session.jobs = ME_TRY(broker::Link::open(parts_.link, 1));
    session.results = ME_TRY(broker::Link::open(parts_.link, 1));
    ME_CHECK(broker::declare_queues(*session.jobs, parts_.settings));
    ME_CHECK(broker::declare_result_queue(*session.results, results_name_));
    ME_CHECK(session.results->consume(1, results_name_, kMostUnconfirmed));
    return session;
}

Courier::Status Courier::serve(const std::stop_token& stop) {
    Session session = ME_TRY(connect());
    reconnector_.up(parts_.link.address.text());
    {
        // What the connection before had not confirmed: the broker may have it or not. Twice does no harm,
        // for an answer counts once.
        const Lock lock(mutex_);
        const auto unsent = parts_.ledger.unsent();
        outbox_.assign(unsent.begin(), unsent.end());
        again_.clear();
    }
    while (!stop.stop_requested()) {
        ME_CHECK(publish(session));
        ME_CHECK(read_confirmations(session));
        ME_CHECK(read_results(session));
        ME_CHECK(measure(session));
        wait(&session, util::monotonic_ns() + kLongestWaitNs);
    }
    return {};
}

bool Courier::has_room(const Session& session) {
    return session.unconfirmed.size() < kMostUnconfirmed && session.unconfirmed_bytes < kMostUnconfirmedBytes;
}

Courier::Status Courier::publish(Session& session) {
    if (blocked_) return {};
    while (has_room(session) && !again_.empty() && again_.begin()->first <= util::monotonic_ns()) {
        const std::string id = std::move(again_.begin()->second);
        again_.erase(again_.begin());
        ME_CHECK(publish_one(session, id));
    }
    while (has_room(session)) {
        std::string id;
        {
            const Lock lock(mutex_);
            if (outbox_.empty()) return {};
            id = std::move(outbox_.front());
            outbox_.pop_front();
        }
        ME_CHECK(publish_one(session, id));
    }
    return {};
}

Courier::Status Courier::publish_one(Session& session, const std::string& id) {
    auto sending = parts_.ledger.to_send(id);
    if (!sending) return {};
    const std::uint64_t now = util::monotonic_ns();
    const std::uint64_t left_ms = sending->give_up_ns <= now ? 0 : (sending->give_up_ns - now) / kMs;
    const auto ttl = std::chrono::milliseconds(std::max<std::uint64_t>(left_ms, 1));
    const std::size_t bytes = sending->body.size();
    const std::uint64_t number = ME_TRY(session.jobs->publish(
        broker::job_queue(parts_.settings, sending->urgency),
        {.body = std::move(sending->body), .id = id, .reply_to = results_name_, .ttl = ttl}));
    session.unconfirmed.add(number, {.id = id, .bytes = bytes});
    session.unconfirmed_bytes += bytes;
    return {};
}

Courier::Status Courier::read_confirmations(Session& session) {
    for (;;) {
        const auto event = ME_TRY(session.jobs->next());
        if (!event) return {};
        if (const auto* confirmed = std::get_if<broker::Confirmed>(&*event))
            for (const Sent& sent : session.unconfirmed.take(*confirmed)) {
                session.unconfirmed_bytes -= sent.bytes;
                settle(sent.id, confirmed->kept);
            }
        if (const auto* blocked = std::get_if<broker::Blocked>(&*event)) set_blocked(blocked->now);
        // A queue that somebody has removed: connecting again makes it anew.
        if (std::holds_alternative<broker::Returned>(*event))
            return util::fail(util::Errc::io, parts_.link.address.text(), "a queue for jobs is gone");
    }
}

/// A refused job of somebody who waits is answered at once: they can come back. One that has been promised is
/// tried again until its time is up.
void Courier::settle(const std::string& id, bool kept) {
    if (kept) return parts_.ledger.kept(id);
    const std::uint64_t now = util::monotonic_ns();
    full_until_ns_ = now + kFullNs;
    util::count("queue_refused_total");
    const auto promised = parts_.ledger.promised(id);
    if (!promised) return;
    if (*promised) {
        again_.emplace(now + kAgainNs, id);
        return;
    }
    if (auto entry = parts_.ledger.take(id))
        parts_.answer(*std::move(entry),
                      {.how = Ending::How::full, .message = "the queue is full", .result = {}});
}

Courier::Status Courier::read_results(Session& session) {
    for (;;) {
        const auto event = ME_TRY(session.results->next());
        if (!event) return {};
        if (const auto* delivery = std::get_if<broker::Delivery>(&*event)) {
            on_result(*delivery);
            ME_CHECK(session.results->acknowledge(delivery->channel, delivery->tag));
        }
        if (std::holds_alternative<broker::ConsumerLost>(*event))
            return util::fail(util::Errc::io, parts_.link.address.text(), "the queue for results is gone");
    }
}

void Courier::on_result(const broker::Delivery& delivery) {
    auto result = delivery.too_large == 0
                      ? broker::result_from_json(delivery.message.body)
                      : util::fail(util::Errc::limit, "result",
                                   std::to_string(delivery.too_large) + " bytes, more than " +
                                       std::to_string(parts_.link.max_message_bytes));
    if (!result) {
        // Whose it was is not known for sure: the job's time limit answers it.
        util::count("queue_bad_results_total");
        util::log(util::Level::warning, "bad_result",
                  {{"job", delivery.message.id}, {"why", result.error().text()}});
        return;
    }
    auto entry = parts_.ledger.take(result->id);
    if (!entry) {
        util::count("queue_results_twice_total");
        return;
    }
    Ending ending{.how = Ending::How::answered, .message = result->message, .result = {}};
    ending.result = *std::move(result);
    parts_.answer(*std::move(entry), std::move(ending));
}

void Courier::keep_time(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        for (Entry& entry : parts_.ledger.take_late(util::monotonic_ns())) {
            const std::string why = blocked_      ? "the broker takes no jobs: it has no memory or disk left"
                                    : connected() ? "no worker has answered in time"
                                                  : "the broker could not be reached in time";
            parts_.answer(std::move(entry), {.how = Ending::How::late, .message = why, .result = {}});
        }
        asleep_until_ns_ = UINT64_MAX;   // whatever comes while we look wakes us
        const std::uint64_t next = parts_.ledger.next_ns().value_or(UINT64_MAX);
        const std::uint64_t until = std::min(next, util::monotonic_ns() + kLongestWaitNs);
        asleep_until_ns_ = until;
        util::wait_any({sooner_.fd()}, until);
        sooner_.heard();
    }
}

void Courier::set_blocked(bool blocked) {
    if (blocked_.exchange(blocked) == blocked) return;
    util::gauge("queue_blocked", {}, blocked ? 1 : 0);
    util::log(blocked ? util::Level::warning : util::Level::info,
              blocked ? "queue_blocked" : "queue_unblocked", {{"broker", parts_.link.address.text()}});
}

Courier::Status Courier::measure(Session& session) const {
    const std::uint64_t now = util::monotonic_ns();
    const auto oldest = parts_.ledger.oldest_ns();
    util::gauge("queue_oldest_seconds", {}, oldest ? static_cast<double>(now - *oldest) * 1e-9 : 0);
    util::gauge("queue_unanswered", {}, static_cast<double>(parts_.ledger.size()));
    if (now < session.asked_ns + 5 * kLongestWaitNs) return {};
    session.asked_ns = now;
    const std::uint64_t workers = ME_TRY(broker::measure_queues(*session.results, parts_.settings));
    if (workers == 0 && session.workers != 0)
        util::log(util::Level::warning, "no_workers", {{"broker", parts_.link.address.text()}});
    session.workers = workers;
    return {};
}

void Courier::wait(const Session* session, std::uint64_t until_ns) {
    const bool may_publish = session != nullptr && !blocked_ && has_room(*session);
    if (may_publish && !again_.empty()) until_ns = std::min(until_ns, again_.begin()->first);
    std::array<int, 2> fds{-1, -1};
    if (session != nullptr) fds = {session->jobs->fd(), session->results->fd()};
    util::wait_any({wake_.fd(), fds[0], fds[1]}, until_ns);
    wake_.heard();
}

}   // namespace microengine::dispatch
