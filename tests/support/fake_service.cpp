// SPDX-License-Identifier: MIT
#include "tests/support/fake_service.hpp"

#include "tests/support/temp_dir.hpp"

#include <gtest/gtest.h>

namespace microengine::support {

FakeService::FakeService()
    : generation_(std::make_shared<engine::Generation>()),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

FakeService::~FakeService() {
    let_go();
    thread_.request_stop();
}

engine::Offer FakeService::offer(engine::Job&& job) {
    const std::scoped_lock lock(mutex_);
    if (answer_ != engine::Offer::accepted) return answer_;
    waiting_.push_back(std::move(job));
    ++taken_;
    changed_.notify_all();
    return engine::Offer::accepted;
}

std::shared_ptr<const engine::Generation> FakeService::generation() const {
    const std::scoped_lock lock(mutex_);
    return generation_;
}

void FakeService::set_generation(std::shared_ptr<const engine::Generation> generation) {
    const std::scoped_lock lock(mutex_);
    generation_ = std::move(generation);
}

engine::Load FakeService::load() const {
    const std::scoped_lock lock(mutex_);
    return load_;
}

void FakeService::set_load(engine::Load load) {
    const std::scoped_lock lock(mutex_);
    load_ = load;
}

void FakeService::revise(std::function<void(const Seen&, core::Report&)> revision) {
    const std::scoped_lock lock(mutex_);
    revision_ = std::move(revision);
}

void FakeService::hold() {
    const std::scoped_lock lock(mutex_);
    held_ = true;
}

void FakeService::let_go() {
    const std::scoped_lock lock(mutex_);
    held_ = false;
    changed_.notify_all();
}

void FakeService::await_jobs(std::size_t count) {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(changed_.wait_for(lock, kPatience, [&] { return taken_ >= count; }));
}

void FakeService::await_done(std::size_t count) {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(changed_.wait_for(lock, kPatience, [&] { return seen_.size() >= count; }));
}

void FakeService::await_all() {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(changed_.wait_for(lock, kPatience, [&] { return answered_ == taken_; }));
}

void FakeService::answer_offers(engine::Offer offer) {
    const std::scoped_lock lock(mutex_);
    answer_ = offer;
}

std::vector<FakeService::Seen> FakeService::seen() {
    const std::scoped_lock lock(mutex_);
    return seen_;
}

void FakeService::run(const std::stop_token& stop) {
    for (;;) {
        std::unique_lock lock(mutex_);
        if (!changed_.wait(lock, stop, [this] { return !held_ && !waiting_.empty(); })) return;
        engine::Job job = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        scan(std::move(job));
    }
}

void FakeService::scan(engine::Job job) {
    Seen seen{.name = job.name,
              .request = job.request,
              .bytes = {},
              .timeout = job.timeout,
              .urgency = job.urgency,
              .detail = job.detail,
              .all_matches = job.all_matches,
              .type = core::ArtifactType::file,
              .backends = job.backends ? *job.backends : std::vector<std::string>(),
              .deadline = job.deadline};
    core::ArtifactBuffer buffer;
    core::Report report;
    auto loaded = job.load(buffer);
    if (loaded) {
        seen.bytes.assign(loaded->bytes.begin(), loaded->bytes.end());
        report.artifact = loaded->facts;
        seen.type = loaded->facts.type;
        report.combined.verdict = seen.bytes.contains("evil")  ? core::Verdict::malicious
                                  : seen.bytes.contains("odd") ? core::Verdict::unknown
                                                               : core::Verdict::benign;
        if (report.combined.verdict == core::Verdict::unknown)
            report.combined.reason = core::UnknownBecause::all_abstained;
    } else {
        report.artifact = loaded.error().facts;
        report.error = loaded.error().error.message;
        seen.cancelled = loaded.error().error.code == util::Errc::cancelled;
    }
    std::function<void(const Seen&, core::Report&)> revision;
    {
        const std::scoped_lock lock(mutex_);
        revision = revision_;
        seen_.push_back(seen);
        changed_.notify_all();
    }
    if (revision) revision(seen, report);
    job.done(std::move(report));
    job = {};   // what it holds of the server ends before the server may
    const std::scoped_lock lock(mutex_);
    ++answered_;
    changed_.notify_all();
}

void FakeOperations::reload(std::string_view /*who*/, Done done) {
    const std::scoped_lock lock(mutex_);
    threads_.emplace_back([outcome = outcome_, done = std::move(done)]() mutable {
        if (done) done(outcome);
    });
}

engine::Readiness FakeOperations::readiness() const {
    const std::scoped_lock lock(mutex_);
    return readiness_;
}

std::vector<engine::BackendStatus> FakeOperations::backends() const {
    auto facts = std::make_shared<core::BackendFacts>();
    facts->policy.name = "fake";
    facts->plugin_id = "org.example.fake";
    facts->plugin_version = "1.0.0";
    facts->signatures = core::SignatureFacts{.version = "7", .date_unix = 1, .count = 3};
    const std::scoped_lock lock(mutex_);
    return {{.facts = facts, .health = health_}};
}

void FakeOperations::set_outcome(engine::ReloadOutcome outcome) {
    const std::scoped_lock lock(mutex_);
    outcome_ = std::move(outcome);
}

void FakeOperations::set_readiness(engine::Readiness readiness) {
    const std::scoped_lock lock(mutex_);
    readiness_ = std::move(readiness);
}

void FakeOperations::change_health(const std::function<void(plugin::Health&)>& change) {
    const std::scoped_lock lock(mutex_);
    change(health_);
}

}   // namespace microengine::support
