// SPDX-License-Identifier: MIT
#pragma once
// What a worker is made of: the thread that holds both connections and all jobs in hand. Only for this
// folder.

#include "host/broker/job_text.hpp"
#include "host/broker/queues.hpp"
#include "host/broker/reconnector.hpp"
#include "host/broker/result_text.hpp"
#include "host/broker/unconfirmed.hpp"
#include "host/fetch/client.hpp"
#include "host/frontends/worker/hands.hpp"
#include "host/frontends/worker/worker.hpp"
#include "host/util/mutex.hpp"
#include "host/util/wake.hpp"

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <thread>
#include <variant>
#include <vector>

namespace microengine::worker {

struct Worker::Impl {
    Impl(Parts parts, broker::LinkSettings link, fetch::AddressGuard guard);
    ~Impl();
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    using Status = util::Result<void>;
    using Task = std::move_only_function<void()>;
    struct Session {
        std::unique_ptr<broker::Link> jobs;
        std::unique_ptr<broker::Link> results;
        broker::Unconfirmed<std::uint64_t> unconfirmed;   // hands
        bool stopped = false;                             // nothing is consumed any more
        bool blocked = false;                             // the broker takes no results
        std::uint64_t asked_ns = 0;
    };
    /// A job that the engine has no room for yet.
    struct Waiting {
        std::uint64_t hand = 0;
        engine::Job job;
    };

    // loop.cpp: connections, and what they bring
    [[nodiscard]] util::Result<Session> connect() const;
    [[nodiscard]] Status serve(const std::stop_token& stop);
    void lose_all();
    [[nodiscard]] Status read_jobs(Session& session);
    [[nodiscard]] Status read_confirmations(Session& session);
    [[nodiscard]] Status on_confirmed(Session& session, const broker::Confirmed& confirmed);
    [[nodiscard]] Status publish_results(Session& session);
    [[nodiscard]] Status publish(Session& session, std::uint64_t number);
    [[nodiscard]] Status stop_consuming(Session& session);
    [[nodiscard]] Status measure(Session& session);
    void wait(const Session* session, std::uint64_t until_ns) const;
    /// Runs it on the worker's thread, soon. Any thread.
    void post(Task task);
    void run_tasks();

    // jobs.cpp: from a delivery to its result
    void on_delivery(const broker::Delivery& delivery);
    void on_dead_letter(const broker::Delivery& delivery, std::uint64_t hand);
    /// Begins it, or answers why it is not done.
    void take(std::uint64_t hand, const broker::JobText& text);
    void begin(std::uint64_t hand, const broker::JobText& text);
    void fetch(std::uint64_t hand, const broker::JobText& text);
    void offer(std::uint64_t hand, engine::Job job);
    void offer_waiting();
    void on_report(std::uint64_t hand, core::Report report);
    void undone(std::uint64_t hand, broker::Undone why, std::string message);
    void answer(std::uint64_t hand, const broker::ResultText& result);
    [[nodiscard]] broker::ResultText result_for(const Hand& hand) const;
    /// Of the current generation; from here on it is known by its number.
    [[nodiscard]] const std::string& fingerprint_now();

    const Parts parts;
    const broker::LinkSettings link;
    const std::string name;   ///< "host-pid"
    util::Wake wake;
    broker::Reconnector reconnector;
    std::atomic<bool> stopping = false;
    mutable util::Mutex mutex;
    util::Condition drained;
    std::vector<Task> tasks ME_GUARDED_BY(mutex);
    std::size_t in_hand ME_GUARDED_BY(mutex) = 0;   // as drain() sees it
    // The worker's thread alone:
    Hands hands;
    std::deque<Waiting> waiting;
    std::deque<std::uint64_t> done;   // hands with a result to publish
    std::deque<std::uint64_t> given_back;
    bool unfit = false;   // what all jobs may need is not there: the session ends
    std::map<std::uint64_t, std::string> fingerprints;   // of generations, by their numbers
    std::unique_ptr<fetch::Client> fetches;
    std::jthread thread;   // last: ends before what it uses
};

/// The channel of each class, then that of dead letters.
inline constexpr broker::Channel kDeadChannel = broker::kClasses.size() + 1;

}   // namespace microengine::worker
