// SPDX-License-Identifier: MIT
#include "host/frontends/worker/impl.hpp"
#include "host/frontends/worker/orders.hpp"
#include "host/util/clock.hpp"
#include "host/util/log.hpp"
#include "host/util/metrics.hpp"
#include "host/util/wait_fd.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

namespace microengine::worker {

namespace {

using util::Lock;

constexpr std::uint64_t kMs = 1'000'000;
constexpr std::uint64_t kLongestWaitNs = 1'000 * kMs;   // heartbeats must be sent
constexpr std::uint64_t kMeasureNs = 5'000 * kMs;
constexpr std::size_t kFetchesAtOnce = 16;

std::string worker_name() {
    std::array<char, 256> host{};
    (void)::gethostname(host.data(), host.size() - 1);
    return std::string(host.data()) + "-" + std::to_string(::getpid());
}

/// Each class has hands of its own, so that none starves; those in a hurry have the most.
std::uint16_t prefetch_of(broker::Class one, std::size_t slots) {
    constexpr std::size_t most = 1'000;
    const std::size_t share = one == broker::Class::interactive ? slots
                              : one == broker::Class::normal    ? slots / 2
                                                                : slots / 4;
    return static_cast<std::uint16_t>(std::clamp<std::size_t>(share, 1, most));
}

}   // namespace

Worker::Impl::Impl(Parts given, broker::LinkSettings link_settings, fetch::AddressGuard guard)
    : parts(std::move(given)), link(std::move(link_settings)), name(worker_name()) {
    fetch::ClientSettings settings;
    settings.at_once = kFetchesAtOnce;
    settings.user_agent = "microengine/" MICROENGINE_VERSION;
    settings.guard = std::move(guard);
    fetches = std::make_unique<fetch::Client>(std::move(settings), parts.room);
    thread = std::jthread([this](const std::stop_token& stop) {
        reconnector.run(stop, {.session = [this](const std::stop_token& token) { return serve(token); },
                               .lost = [this] { lose_all(); },
                               .pause =
                                   [this](std::uint64_t until) {
                                       wait(nullptr, until);
                                       run_tasks();
                                   }});
    });
}

Worker::Impl::~Impl() {
    thread.request_stop();
    wake.up();
}

void Worker::Impl::post(Task task) {
    {
        const Lock lock(mutex);
        tasks.push_back(std::move(task));
    }
    wake.up();
}

void Worker::Impl::run_tasks() {
    std::vector<Task> now;
    {
        const Lock lock(mutex);
        now.swap(tasks);
    }
    for (Task& task : now) task();
}

/// The broker gives them to somebody again; what is scanned now is remembered by the cache.
void Worker::Impl::lose_all() {
    hands.clear();
    waiting.clear();
    done.clear();
    given_back.clear();
    unfit = false;
    util::gauge("queue_blocked", {}, 0);
    {
        const Lock lock(mutex);
        in_hand = 0;
    }
    drained.notify_all();
}

util::Result<Worker::Impl::Session> Worker::Impl::connect() const {
    ME_CHECK(shared_folder(parts.settings));
    Session session;
    session.jobs = ME_TRY(broker::Link::open(link, kDeadChannel));
    session.results = ME_TRY(broker::Link::open(link, 1));
    ME_CHECK(broker::declare_queues(*session.jobs, parts.settings));
    session.stopped = stopping;
    if (session.stopped) return session;
    for (std::size_t i = 0; i < broker::kClasses.size(); ++i) {
        const broker::Class one = broker::kClasses[i];
        ME_CHECK(session.jobs->consume(static_cast<broker::Channel>(i + 1),
                                       broker::job_queue(parts.settings, one),
                                       prefetch_of(one, parts.slots)));
    }
    ME_CHECK(session.jobs->consume(kDeadChannel, broker::dead_queue(parts.settings), 1));
    return session;
}

Worker::Impl::Status Worker::Impl::serve(const std::stop_token& stop) {
    Session session = ME_TRY(connect());
    reconnector.up(link.address.text());
    while (!stop.stop_requested()) {
        if (stopping && !session.stopped) ME_CHECK(stop_consuming(session));
        run_tasks();
        ME_CHECK(read_jobs(session));
        if (unfit) {
            ME_CHECK(shared_folder(parts.settings));
            return util::fail(util::Errc::io, parts.settings.artifact_dir.native(),
                              "could not be read just now");
        }
        offer_waiting();
        ME_CHECK(publish_results(session));
        ME_CHECK(read_confirmations(session));
        ME_CHECK(measure(session));
        {
            const Lock lock(mutex);
            in_hand = hands.size();
        }
        drained.notify_all();
        wait(&session, util::monotonic_ns() + kLongestWaitNs);
    }
    return {};
}

Worker::Impl::Status Worker::Impl::stop_consuming(Session& session) {
    for (broker::Channel channel = 1; channel <= kDeadChannel; ++channel)
        ME_CHECK(session.jobs->stop_consuming(channel));
    session.stopped = true;
    return {};
}

Worker::Impl::Status Worker::Impl::read_jobs(Session& session) {
    for (;;) {
        const auto event = ME_TRY(session.jobs->next());
        if (!event) return {};
        if (const auto* delivery = std::get_if<broker::Delivery>(&*event)) {
            if (session.stopped)
                ME_CHECK(session.jobs->reject(delivery->channel, delivery->tag, true));
            else
                on_delivery(*delivery);
        }
        if (std::holds_alternative<broker::ConsumerLost>(*event))
            return util::fail(util::Errc::io, link.address.text(), "a queue for jobs is gone");
    }
}

Worker::Impl::Status Worker::Impl::publish_results(Session& session) {
    for (; !given_back.empty(); given_back.pop_front()) {
        const Hand* hand = hands.find(given_back.front());
        if (hand == nullptr) continue;
        ME_CHECK(session.jobs->reject(hand->channel, hand->tag, true));
        hands.remove(given_back.front());
    }
    for (; !done.empty() && !session.blocked; done.pop_front()) ME_CHECK(publish(session, done.front()));
    return {};
}

Worker::Impl::Status Worker::Impl::publish(Session& session, std::uint64_t number) {
    const Hand* hand = hands.find(number);
    if (hand == nullptr) return {};
    if (hand->reply_to.empty()) {
        ME_CHECK(session.jobs->acknowledge(hand->channel, hand->tag));
        hands.remove(number);
        return {};
    }
    const std::uint64_t message = ME_TRY(
        session.results->publish(hand->reply_to, {.body = hand->result, .id = hand->id, .reply_to = {}}));
    session.unconfirmed.add(message, number);
    return {};
}

Worker::Impl::Status Worker::Impl::read_confirmations(Session& session) {
    for (;;) {
        const auto event = ME_TRY(session.results->next());
        if (!event) return {};
        if (const auto* returned = std::get_if<broker::Returned>(&*event)) {
            // Who asked has ended, and its queue with it. The confirmation follows.
            util::count("queue_results_unclaimed_total");
            util::log(util::Level::info, "result_unclaimed", {{"job", returned->id}});
        }
        if (const auto* blocked = std::get_if<broker::Blocked>(&*event)) {
            session.blocked = blocked->now;
            util::gauge("queue_blocked", {}, session.blocked ? 1 : 0);
        }
        if (const auto* confirmed = std::get_if<broker::Confirmed>(&*event))
            ME_CHECK(on_confirmed(session, *confirmed));
    }
}

Worker::Impl::Status Worker::Impl::on_confirmed(Session& session, const broker::Confirmed& confirmed) {
    for (const std::uint64_t number : session.unconfirmed.take(confirmed)) {
        const Hand* hand = hands.find(number);
        if (hand == nullptr) continue;
        if (!confirmed.kept) {   // a node of the broker is gone: published again
            done.push_back(number);
            continue;
        }
        ME_CHECK(session.jobs->acknowledge(hand->channel, hand->tag));
        hands.remove(number);
    }
    return {};
}

Worker::Impl::Status Worker::Impl::measure(Session& session) {
    const std::uint64_t now = util::monotonic_ns();
    if (now < session.asked_ns + kMeasureNs) return {};
    session.asked_ns = now;
    util::gauge("queue_in_hand", {}, static_cast<double>(hands.size()));
    (void)ME_TRY(broker::measure_queues(*session.jobs, parts.settings));
    return {};
}

void Worker::Impl::wait(const Session* session, std::uint64_t until_ns) const {
    std::array<int, 2> fds{-1, -1};
    if (session != nullptr) fds = {session->jobs->fd(), session->results->fd()};
    util::wait_any({wake.fd(), fds[0], fds[1]}, until_ns);
    wake.heard();
}

}   // namespace microengine::worker
