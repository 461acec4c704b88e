// SPDX-License-Identifier: MIT
#pragma once
// What a frontend sees of the engine and the daemon, written by a test.

#include "host/engine/operations.hpp"
#include "host/engine/scan_service.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace microengine::support {

/// Judges by what the bytes are: "evil" is malicious, "odd" unknown, all else benign. Its thread is the
/// engine's.
class FakeService final : public engine::ScanService {
public:
    /// What was asked.
    struct Seen {
        std::string name, request, bytes;
        std::chrono::nanoseconds timeout{0};
        engine::Urgency urgency = engine::Urgency::interactive;
        engine::Detail detail = engine::Detail::explanation;
        bool all_matches = true;
        bool cancelled = false;
        core::ArtifactType type = core::ArtifactType::file;
        std::vector<std::string> backends;   ///< none: all
        core::Deadline deadline;
    };

    FakeService();
    ~FakeService() override;

    engine::Offer offer(engine::Job&& job) override;
    std::shared_ptr<const engine::Generation> generation() const override;
    engine::Load load() const override;

    /// Jobs wait from now on until they are let go.
    void hold();
    void let_go();
    /// Until so many jobs have been taken in all.
    void await_jobs(std::size_t count);
    /// Until so many have been scanned in all.
    void await_done(std::size_t count);
    /// Until all that were taken have been answered: then a server may end.
    void await_all();
    void answer_offers(engine::Offer offer);
    void set_load(engine::Load load);
    /// Has the last word on each report: called on its thread, before the report is told.
    void revise(std::function<void(const Seen&, core::Report&)> revision);
    void set_generation(std::shared_ptr<const engine::Generation> generation);

    /// Of the scans that are done, in their order.
    [[nodiscard]] std::vector<Seen> seen();

private:
    void run(const std::stop_token& stop);
    void scan(engine::Job job);

    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<engine::Job> waiting_;
    std::vector<Seen> seen_;
    std::size_t taken_ = 0;
    std::size_t answered_ = 0;
    bool held_ = false;
    engine::Offer answer_ = engine::Offer::accepted;
    engine::Load load_;
    std::function<void(const Seen&, core::Report&)> revision_;
    std::shared_ptr<const engine::Generation> generation_;
    std::jthread thread_;
};

class FakeOperations final : public engine::Operations {
public:
    using Done = std::move_only_function<void(const engine::ReloadOutcome&)>;

    void reload(std::string_view who, Done done) override;
    void shutdown(std::string_view /*who*/) override {}
    engine::Readiness readiness() const override;
    std::vector<engine::BackendStatus> backends() const override;
    std::string metrics() const override { return "# a number\nmicroengine_up 1\n"; }

    void set_outcome(engine::ReloadOutcome outcome);
    void set_readiness(engine::Readiness readiness);
    void change_health(const std::function<void(plugin::Health&)>& change);

private:
    mutable std::mutex mutex_;
    engine::ReloadOutcome outcome_{.replaced = true, .generation = 2, .problems = {}};
    engine::Readiness readiness_{.ready = true, .reasons = {}};
    plugin::Health health_;
    std::vector<std::jthread> threads_;
};

}   // namespace microengine::support
