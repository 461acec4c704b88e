// SPDX-License-Identifier: MIT
#pragma once
// The thread that talks to the broker for those who publish jobs: one connection for the jobs, one for the
// results, so that a broker which stops taking messages does not keep answers back. Connects again and again
// when one is lost; nothing that was taken is lost with it.

#include "host/broker/link.hpp"
#include "host/broker/queues.hpp"
#include "host/broker/reconnector.hpp"
#include "host/broker/result_text.hpp"
#include "host/broker/unconfirmed.hpp"
#include "host/dispatch/ledger.hpp"
#include "host/util/mutex.hpp"
#include "host/util/wake.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace microengine::dispatch {

/// How an entry ended.
struct Ending {
    enum class How : std::uint8_t {
        answered,    ///< by a worker; see result
        full,        ///< the broker has no room for it
        late,        ///< nobody has answered in time
        cancelled,   ///< by us
    };
    How how = How::answered;
    std::string message;
    std::optional<broker::ResultText> result;
};

class Courier {
public:
    struct Parts {
        core::QueueSettings settings;
        broker::LinkSettings link;
        Ledger& ledger;
        /// Answers one, which is in no ledger any more. On one of the courier's threads.
        std::function<void(Entry, Ending)> answer;
    };
    /// Throws where no thread can be started.
    explicit Courier(Parts parts);
    ~Courier();
    Courier(const Courier&) = delete;
    Courier& operator=(const Courier&) = delete;

    /// Publishes what the ledger has under this id. Any thread.
    void send(std::string id);
    [[nodiscard]] bool connected() const { return reconnector_.connected(); }
    /// Has the broker refused a job just now, or does it take none? Any thread.
    [[nodiscard]] bool full() const;
    /// Why there is no connection; nothing: there is one. Any thread.
    [[nodiscard]] std::optional<std::string> why_not_ready() const { return reconnector_.why_not_ready(); }

private:
    struct Sent {
        std::string id;
        std::size_t bytes = 0;
    };
    /// What lives as long as the connections.
    struct Session {
        std::unique_ptr<broker::Link> jobs;
        std::unique_ptr<broker::Link> results;
        broker::Unconfirmed<Sent> unconfirmed;
        std::size_t unconfirmed_bytes = 0;
        std::uint64_t asked_ns = 0;   // when for the queues' depths
        std::uint64_t workers = 1;    // that took jobs then
    };
    using Status = util::Result<void>;

    [[nodiscard]] util::Result<Session> connect() const;
    [[nodiscard]] Status serve(const std::stop_token& stop);
    [[nodiscard]] Status publish(Session& session);
    [[nodiscard]] Status publish_one(Session& session, const std::string& id);
    [[nodiscard]] static bool has_room(const Session& session);
    [[nodiscard]] Status read_confirmations(Session& session);
    [[nodiscard]] Status read_results(Session& session);
    [[nodiscard]] Status measure(Session& session) const;
    void settle(const std::string& id, bool kept);
    void on_result(const broker::Delivery& delivery);
    /// Until it is told to stop: whatever the other thread waits for, nobody waits longer than was said.
    void keep_time(const std::stop_token& stop);
    void set_blocked(bool blocked);
    void wait(const Session* session, std::uint64_t until_ns);

    Parts parts_;
    const std::string results_name_;   ///< of the queue for our results
    std::atomic<std::uint64_t> full_until_ns_ = 0;
    std::atomic<bool> blocked_ = false;   ///< the broker takes no messages
    util::Wake wake_;
    util::Wake sooner_;                                         ///< of the timekeeper
    std::atomic<std::uint64_t> asleep_until_ns_ = UINT64_MAX;   ///< the timekeeper
    mutable util::Mutex mutex_;
    std::deque<std::string> outbox_ ME_GUARDED_BY(mutex_);
    // The courier's thread alone:
    std::multimap<std::uint64_t, std::string> again_;   // refused ones that may wait: when to try
    broker::Reconnector reconnector_;
    std::jthread timekeeper_;   // last: they end before what they use
    std::jthread thread_;
};

}   // namespace microengine::dispatch
