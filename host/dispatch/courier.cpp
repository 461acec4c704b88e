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

}   // namespace

Courier::Courier(Parts parts)
    : parts_(std::move(parts)),
      results_name_(broker::result_queue(parts_.settings, util::random_id())),
      thread_([this](const std::stop_token& stop) {
          standing_.hold(stop, {.session = [this](const std::stop_token& token) { return serve(token); },
                                .lost = [] {},
                                .pause =
                                    [this](std::uint64_t until) {
                                        wait(nullptr, until);
                                        answer_late();
                                    }});
      }) {}

Courier::~Courier() {
    thread_.request_stop();
    wake_.up();
}

void Courier::send(std::string id) {
    {
        const Lock lock(mutex_);
        outbox_.push_back(std::move(id));
    }
    wake_.up();
}

bool Courier::full() const { return util::monotonic_ns() < full_until_ns_; }

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
    standing_.up(parts_.link.address.text());
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
        answer_late();
        ME_CHECK(measure(session));
        wait(&session, util::monotonic_ns() + kLongestWaitNs);
    }
    return {};
}

Courier::Status Courier::publish(Session& session) {
    while (!again_.empty() && again_.begin()->first <= util::monotonic_ns()) {
        const std::string id = std::move(again_.begin()->second);
        again_.erase(again_.begin());
        ME_CHECK(publish_one(session, id));
    }
    while (session.unconfirmed.size() < kMostUnconfirmed) {
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
    const std::uint64_t number = ME_TRY(session.jobs->publish(
        broker::job_queue(parts_.settings, sending->urgency),
        {.body = std::move(sending->body), .id = id, .reply_to = results_name_, .ttl = ttl}));
    session.unconfirmed.add(number, id);
    return {};
}

Courier::Status Courier::read_confirmations(Session& session) {
    for (;;) {
        const auto event = ME_TRY(session.jobs->next());
        if (!event) return {};
        if (const auto* confirmed = std::get_if<broker::Confirmed>(&*event))
            for (const std::string& id : session.unconfirmed.take(*confirmed)) settle(id, confirmed->kept);
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
    const auto sending = parts_.ledger.to_send(id);
    if (!sending) return;
    if (sending->urgency != broker::Class::interactive) {
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
    auto result = broker::result_from_json(delivery.message.body);
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

void Courier::answer_late() {
    for (Entry& entry : parts_.ledger.take_late(util::monotonic_ns())) {
        const std::string why =
            connected() ? "no worker has answered in time" : "the broker could not be reached in time";
        parts_.answer(std::move(entry), {.how = Ending::How::late, .message = why, .result = {}});
    }
}

Courier::Status Courier::measure(Session& session) {
    const std::uint64_t now = util::monotonic_ns();
    const auto oldest = parts_.ledger.oldest_ns();
    util::gauge("queue_oldest_seconds", {}, oldest ? static_cast<double>(now - *oldest) * 1e-9 : 0);
    util::gauge("queue_unanswered", {}, static_cast<double>(parts_.ledger.size()));
    if (now < session.asked_ns + 5 * kLongestWaitNs) return {};
    session.asked_ns = now;
    return broker::measure_queues(*session.jobs, parts_.settings);
}

void Courier::wait(const Session* session, std::uint64_t until_ns) {
    if (const auto next = parts_.ledger.next_ns()) until_ns = std::min(until_ns, *next);
    if (!again_.empty()) until_ns = std::min(until_ns, again_.begin()->first);
    std::array<int, 2> fds{-1, -1};
    if (session != nullptr) fds = {session->jobs->fd(), session->results->fd()};
    util::wait_any({wake_.fd(), fds[0], fds[1]}, until_ns);
    wake_.heard();
}

}   // namespace microengine::dispatch
