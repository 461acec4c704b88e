// SPDX-License-Identifier: MIT
// The service that tests play, and that it does what they say.
#include "tests/unit/clamd/scripted_fixture.hpp"

#include "host/intake/read.hpp"

#include <utility>

namespace microengine::clamd {

core::ScanResult row(const std::string& backend, core::Verdict verdict,
                     const std::vector<std::string>& detections) {
    auto facts = std::make_shared<core::BackendFacts>();
    facts->policy.name = backend;
    facts->plugin_id = "org.microengine." + backend;
    core::ScanResult out;
    out.backend = std::move(facts);
    out.outcome = core::Outcome::completed;
    out.verdict = verdict;
    for (const std::string& name : detections) {
        core::Detection& detection = out.detections.emplace_back();
        detection.name = name;
        detection.verdict = verdict;
    }
    return out;
}

core::Report report(core::Verdict verdict, std::vector<core::ScanResult> rows) {
    core::Report out;
    out.combined.verdict = verdict;
    out.results = std::move(rows);
    return out;
}

core::Report found(const std::string& name) {
    core::Report out = report(core::Verdict::malicious, {row("acme", core::Verdict::malicious, {name})});
    out.combined.name = name;
    return out;
}

ScriptedService::ScriptedService() : thread_([this](const std::stop_token& stop) { work(stop); }) {}

ScriptedService::~ScriptedService() { hang(false); }

engine::Offer ScriptedService::offer(engine::Job&& job) {
    std::unique_lock lock(mutex_);
    hanging_ = hangs_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !hangs_; });
    hanging_ = false;
    if (says_ != engine::Offer::accepted) return says_;
    seen_.push_back({.name = job.name,
                     .frontend = std::string(job.frontend),
                     .request = job.request,
                     .bytes = {},
                     .failure = {},
                     .timeout = job.timeout,
                     .urgency = job.urgency,
                     .client = job.client,
                     .all_matches = job.all_matches,
                     .detail = job.detail});
    waiting_.emplace(seen_.size() - 1, std::move(job));
    changed_.notify_all();
    return engine::Offer::accepted;
}

engine::Load ScriptedService::load() const {
    const std::scoped_lock lock(mutex_);
    return load_;
}

void ScriptedService::say(engine::Offer offer) {
    const std::scoped_lock lock(mutex_);
    says_ = offer;
}

void ScriptedService::set_load(engine::Load load) {
    const std::scoped_lock lock(mutex_);
    load_ = load;
}

void ScriptedService::hang(bool hangs) {
    const std::scoped_lock lock(mutex_);
    hangs_ = hangs;
    changed_.notify_all();
}

void ScriptedService::await(std::size_t jobs) {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(changed_.wait_for(lock, kPatience, [&] { return seen_.size() >= jobs; }));
}

void ScriptedService::await_hanging() {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(changed_.wait_for(lock, kPatience, [this] { return hanging_; }));
}

std::size_t ScriptedService::taken() const {
    const std::scoped_lock lock(mutex_);
    return seen_.size();
}

ScriptedService::Seen ScriptedService::seen(std::size_t job) const {
    const std::scoped_lock lock(mutex_);
    return seen_.at(job);
}

void ScriptedService::answer(std::size_t job, core::Report report) {
    std::unique_lock lock(mutex_);
    answers_.push_back({.job = job, .report = std::move(report)});
    changed_.notify_all();
    changed_.wait(lock, [&] { return answers_.empty() && !waiting_.contains(job); });
}

void ScriptedService::finish() {
    for (std::size_t job = 0; job < taken(); ++job) {
        const bool left = [&] {
            const std::scoped_lock lock(mutex_);
            return waiting_.contains(job);
        }();
        if (left) answer(job, report(core::Verdict::unknown));
    }
}

void ScriptedService::work(const std::stop_token& stop) {
    for (;;) {
        std::unique_lock lock(mutex_);
        (void)changed_.wait(lock, stop, [this] { return !answers_.empty(); });
        if (answers_.empty()) return;
        const std::size_t number = answers_.front().job;
        engine::Job job = std::move(waiting_.at(number));
        lock.unlock();
        core::ArtifactBuffer buffer;
        const auto loaded = job.load(buffer);
        lock.lock();
        if (loaded)
            seen_[number].bytes.assign(loaded->bytes.begin(), loaded->bytes.end());
        else
            seen_[number].failure = loaded.error().error.message;
        core::Report report = std::move(answers_.front().report);
        lock.unlock();
        job.done(std::move(report));
        job = engine::Job{};   // gone before anybody is told that it was answered
        lock.lock();
        waiting_.erase(number);
        answers_.erase(answers_.begin());
        changed_.notify_all();
    }
}

ScriptedTest::~ScriptedTest() {
    service.hang(false);
    service.say(engine::Offer::closed);
    service.finish();
    server.reset();
}

namespace {

TEST_F(ScriptedTest, TheServiceThatATestPlays) {
    EXPECT_EQ(service.taken(), 0U);
    std::string said;
    engine::Job job;
    job.name = "thing";
    job.load = [](core::ArtifactBuffer& buffer) {
        const std::string_view text = "text";
        return intake::load_bytes({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, "thing",
                                  {.max_artifact_bytes = 100}, buffer);
    };
    job.done = [&said](const core::Report& told) { said = told.combined.name; };
    service.say(engine::Offer::full);
    EXPECT_EQ(service.offer(std::move(job)), engine::Offer::full);
    ASSERT_TRUE(job.load) << "a job that is refused is untouched";   // NOLINT(bugprone-use-after-move)
    service.say(engine::Offer::accepted);
    EXPECT_EQ(service.offer(std::move(job)), engine::Offer::accepted);
    service.await(1);
    EXPECT_EQ(service.seen(0).name, "thing");
    service.answer(0, found("Bad"));
    EXPECT_EQ(said, "Bad");
    EXPECT_EQ(service.seen(0).bytes, "text");
}

}   // namespace
}   // namespace microengine::clamd
