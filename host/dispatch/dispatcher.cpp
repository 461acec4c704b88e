// SPDX-License-Identifier: MIT
#include "host/dispatch/dispatcher.hpp"

#include "host/dispatch/packing.hpp"
#include "host/engine/slot.hpp"
#include "host/util/clock.hpp"
#include "host/util/log.hpp"
#include "host/util/metrics.hpp"
#include "host/util/random_id.hpp"

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

namespace microengine::dispatch {

using core::Reason;
using engine::Offer;
using util::Lock;

namespace {

/// What a frontend may have in work at once that asks how many slots there are.
constexpr std::size_t kSlots = 32;
constexpr std::chrono::hours kLeftBehind{24};
constexpr std::uint64_t kSweepNs = 3'600'000'000'000;

Reason reason_of(const Ending& ending) {
    using enum Ending::How;
    if (ending.how == full) return Reason::overloaded;
    if (ending.how == cancelled) return Reason::cancelled;
    const bool expired = ending.result && ending.result->undone == broker::Undone::expired;
    return ending.how == late || expired ? Reason::no_time : Reason::not_ready;
}

Reason why_skipped(const core::Report& report) {
    const bool skipped = !report.results.empty() && report.results.front().outcome == core::Outcome::skipped;
    return skipped ? report.results.front().reason : Reason::no_artifact;
}

/// Else it would stand for bytes that nobody has judged.
bool is_about(const core::Report& report, const core::ArtifactFacts& sent) {
    return report.artifact.sha256 == sent.sha256 && report.artifact.size == sent.size;
}

/// For the metrics.
std::string_view word_of(const Ending& ending) {
    using enum Ending::How;
    if (ending.how == full) return "full";
    if (ending.how == late) return "late";
    if (ending.how == cancelled) return "cancelled";
    return ending.result->report ? "not_believed" : to_text(ending.result->undone);
}

}   // namespace

util::Result<broker::LinkSettings> Dispatcher::prepare(const core::QueueSettings& settings) {
    const Shelf shelf(settings.artifact_dir);
    ME_CHECK(shelf.usable());
    shelf.sweep(kLeftBehind);
    return broker::link_settings(settings, "microengine serve");
}

Dispatcher::Dispatcher(Parts parts)
    : parts_(std::move(parts)),
      shelf_(parts_.settings.artifact_dir),
      sweep_due_ns_(util::monotonic_ns() + kSweepNs),
      waiting_(parts_.capacity) {
    courier_ = std::make_unique<Courier>(Courier::Parts{
        .settings = parts_.settings,
        .link = parts_.link,
        .ledger = ledger_,
        .answer = [this](Entry entry, Ending ending) { answer(std::move(entry), std::move(ending)); }});
    for (std::size_t i = 0; i < std::max<std::size_t>(parts_.carriers, 1); ++i)
        carriers_.emplace_back([this](const std::stop_token& stop) { carry(stop); });
}

Dispatcher::~Dispatcher() {
    cancel();
    for (std::jthread& carrier : carriers_) carrier.request_stop();
    carriers_.clear();
    courier_.reset();
}

std::shared_ptr<const engine::Generation> Dispatcher::generation() const { return parts_.local.generation(); }

engine::Load Dispatcher::load() const {
    const Lock lock(mutex_);
    return {.slots = kSlots, .running = open_ - waiting_.size(), .waiting = waiting_.size()};
}

bool Dispatcher::accepting() const {
    if (!courier_->connected() || courier_->full()) return false;
    const Lock lock(mutex_);
    return !cancelled_ && open_ < parts_.capacity;
}

std::optional<std::string> Dispatcher::why_not_ready() const { return courier_->why_not_ready(); }

Offer Dispatcher::offer(engine::Job&& job) {
    const bool reachable = courier_->connected() && !courier_->full();
    {
        const Lock lock(mutex_);
        if (cancelled_) return Offer::closed;
        if (!reachable || open_ >= parts_.capacity || !waiting_.has_room(job.client, job.urgency))
            return Offer::full;
        waiting_.push(std::move(job));
        ++open_;
    }
    work_came_.notify_one();
    return Offer::accepted;
}

void Dispatcher::cancel() {
    {
        const Lock lock(mutex_);
        cancelled_ = true;
    }
    work_came_.notify_all();
    for (Entry& entry : ledger_.take_all())
        answer(std::move(entry), {.how = Ending::How::cancelled,
                                  .message = "cancelled before a worker had answered",
                                  .result = {}});
}

void Dispatcher::drain() {
    Lock lock(mutex_);
    all_answered_.wait(lock, [this]() ME_REQUIRES(mutex_) { return open_ == 0; });
}

void Dispatcher::carry(const std::stop_token& stop) {
    core::ArtifactBuffer buffer;
    for (;;) {
        Lock lock(mutex_);
        if (!work_came_.wait(lock, stop, [this]() ME_REQUIRES(mutex_) { return !waiting_.empty(); })) return;
        engine::Job job = waiting_.pop();
        const bool too_late = cancelled_;
        lock.unlock();
        if (too_late)
            finish(job, engine::unseen(*generation(), job, core::named(job.name), Reason::cancelled,
                                       "cancelled before it was sent to a worker"));
        else
            carry_one(std::move(job), buffer);
        buffer.trim();
    }
}

void Dispatcher::carry_one(engine::Job job, core::ArtifactBuffer& buffer) {
    const std::uint64_t now = util::monotonic_ns();
    if (job.deadline.passed())
        return finish(job, engine::unseen(*generation(), job, core::named(job.name), Reason::no_time,
                                          "it waited until its deadline"));
    // Whatever happens to one artifact, it has its report and the others go on. A job that is in the ledger
    // is answered from there.
    const auto failed = [&](const char* why) {
        if (job.done)
            finish(job, engine::unseen(*generation(), job, core::named(job.name), Reason::no_artifact, why));
    };
    try {
        auto artifact = job.load(buffer);
        if (!artifact) return finish(job, engine::unread(*generation(), job, std::move(artifact.error())));
        const core::ArtifactFacts facts = artifact->facts;
        const std::string id = util::random_id();
        auto entry = pack(job, *artifact, id);
        if (!entry)
            return finish(job, engine::unread(*generation(), job, {.facts = facts, .error = entry.error()}));
        entry->taken_ns = now;
        entry->job = std::move(job);
        try {
            ledger_.add(id, *std::move(entry));
        } catch (...) {
            job = std::move(entry->job);
            throw;
        }
        courier_->send(id);
    } catch (const std::bad_alloc&) {
        failed("out of memory");
    } catch (const std::exception& e) {
        failed(e.what());
    }
    sweep_now_and_then();
    // It may have been added behind the back of a cancel() that took all there were.
    bool cancelled = false;
    {
        const Lock lock(mutex_);
        cancelled = cancelled_;
    }
    if (cancelled) cancel();
}

/// What was left behind by one of us that was killed. Any carrier.
void Dispatcher::sweep_now_and_then() {
    const std::uint64_t now = util::monotonic_ns();
    std::uint64_t due = sweep_due_ns_;
    if (now < due || !sweep_due_ns_.compare_exchange_strong(due, now + kSweepNs)) return;
    shelf_.sweep(kLeftBehind);
}

util::Result<Entry> Dispatcher::pack(engine::Job& job, const core::Artifact& artifact,
                                     const std::string& id) {
    Entry entry;
    entry.artifact = artifact.facts;
    entry.urgency = class_of(job);
    broker::JobText text = ME_TRY(job_text(job, artifact, id, parts_.settings));
    entry.give_up_ns = give_up_ns(job, parts_.settings);
    if (std::holds_alternative<broker::SharedFile>(text.where)) {
        const auto& sha256 = artifact.facts.sha256;
        entry.file = ME_TRY(shelf_.put(id, sha256 ? *sha256 : util::sha256(artifact.bytes), artifact.bytes));
        text.where = broker::SharedFile{entry.file};
    }
    entry.body = broker::to_json(text);
    return entry;
}

void Dispatcher::answer(Entry entry, Ending ending) {
    shelf_.remove(entry.file);
    engine::Job& job = entry.job;
    if (ending.result && ending.result->report) {
        core::Report report = *std::move(ending.result->report);
        if (!report.error.empty()) {   // the worker could not have the bytes, so there is nothing to judge
            finish(job, engine::unseen(*generation(), job, std::move(entry.artifact), why_skipped(report),
                                       report.error));
            return;
        }
        std::expected<void, std::string> judged = std::unexpected("it is about another artifact");
        if (is_about(report, entry.artifact)) {
            report.artifact = entry.artifact;   // what it is called is ours to say
            judged = engine::judge_again(*generation(), job, report);
        }
        if (judged) {
            util::observe("queue_roundtrip_seconds", {},
                          static_cast<double>(util::monotonic_ns() - entry.taken_ns) * 1e-9);
            report.fingerprint = std::move(ending.result->generation);
            finish(job, std::move(report));
            return;
        }
        util::log(util::Level::warning, "bad_result",
                  {{"worker", ending.result->worker}, {"why", judged.error()}});
        ending.message = "the result of " + ending.result->worker + " does not count: " + judged.error();
    }
    util::count("queue_undone_total", {{"reason", word_of(ending)}});
    finish(job,
           engine::unseen(*generation(), job, std::move(entry.artifact), reason_of(ending), ending.message));
}

void Dispatcher::finish(engine::Job& job, core::Report report) {
    job.done(std::move(report));
    answered();
}

void Dispatcher::answered() {
    const Lock lock(mutex_);
    if (--open_ == 0) all_answered_.notify_all();
}

}   // namespace microengine::dispatch
