// SPDX-License-Identifier: MIT
#pragma once
// The scan service whose scans run on other machines: what a frontend offers is loaded here, put into a queue
// of the broker, judged by a worker, and comes back as a report. Every job that was accepted is answered
// exactly once.

#include "host/dispatch/courier.hpp"
#include "host/dispatch/ledger.hpp"
#include "host/dispatch/shelf.hpp"
#include "host/engine/queue.hpp"
#include "host/engine/scan_service.hpp"
#include "host/util/mutex.hpp"
#include "host/util/result.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace microengine::dispatch {

class Dispatcher final : public engine::ScanService {
public:
    struct Parts {
        core::QueueSettings settings;
        std::size_t capacity = 1000;   ///< jobs that may be unanswered
        std::size_t carriers = 2;      ///< threads that load artifacts
        broker::LinkSettings link;     ///< of prepare()
        engine::ScanService& local;    ///< whose generation says which backends there are
    };
    /// Reads the credentials, looks at the shared folder and clears it of what others have left behind.
    [[nodiscard]] static util::Result<broker::LinkSettings> prepare(const core::QueueSettings& settings);
    /// Connects on a thread of its own. Throws where none can be started.
    explicit Dispatcher(Parts parts);
    /// Answers what is left.
    ~Dispatcher() override;
    Dispatcher(const Dispatcher&) = delete;
    Dispatcher& operator=(const Dispatcher&) = delete;

    [[nodiscard]] engine::Offer offer(engine::Job&& job) override;
    [[nodiscard]] std::shared_ptr<const engine::Generation> generation() const override;
    [[nodiscard]] engine::Load load() const override;
    [[nodiscard]] bool accepting() const override;

    /// Why scans should be sent elsewhere; nothing: they need not. Any thread.
    [[nodiscard]] std::optional<std::string> why_not_ready() const;
    /// No more jobs; those that are unanswered are answered at once. Any thread.
    void cancel();
    /// Waits until every accepted job has been answered.
    void drain();

private:
    void carry(const std::stop_token& stop);
    void carry_one(engine::Job job, core::ArtifactBuffer& buffer);
    [[nodiscard]] util::Result<Entry> pack(engine::Job& job, const core::Artifact& artifact,
                                           const std::string& id);
    void answer(Entry entry, Ending ending);
    void finish(engine::Job& job, core::Report report);
    void answered();
    void sweep_now_and_then();

    Parts parts_;
    Shelf shelf_;
    std::atomic<std::uint64_t> sweep_due_ns_;   ///< monotonic
    Ledger ledger_;
    mutable util::Mutex mutex_;
    util::Condition work_came_;
    util::Condition all_answered_;
    engine::JobQueue waiting_ ME_GUARDED_BY(mutex_);   // not loaded yet
    std::size_t open_ ME_GUARDED_BY(mutex_) = 0;       // accepted and not answered
    bool cancelled_ ME_GUARDED_BY(mutex_) = false;
    std::unique_ptr<Courier> courier_;
    std::vector<std::jthread> carriers_;   // last: they end before what they use
};

}   // namespace microengine::dispatch
