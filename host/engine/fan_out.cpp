// SPDX-License-Identifier: MIT
#include "host/engine/fan_out.hpp"

#include "host/util/clock.hpp"
#include "host/util/log.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <new>
#include <utility>

namespace microengine::engine {

using core::Outcome;
using core::Reason;
using util::Lock;

namespace {

constexpr std::chrono::milliseconds kTurnStep(20);

void skip(core::ScanResult& row, Reason why, std::string message = {}) {
    row.outcome = Outcome::skipped;
    row.reason = why;
    row.message = std::move(message);
}

}   // namespace

FanOut::FanOut(std::shared_ptr<const Generation> generation, Costs& costs)
    : generation_(std::move(generation)), costs_(costs) {
    for (const OpenBackend& backend : generation_->backends)
        seats_.push_back({.backend = &backend, .scanner = nullptr});
}

bool FanOut::run(const FanOutTask& task, std::vector<core::ScanResult>& rows) {
    {
        const Lock lock(mutex_);
        cancel_ = stopped_ ? Reason::cancelled : Reason::none;
        votes_.clear();
        for (const OpenBackend& backend : generation_->backends)
            votes_.push_back(combine::pending_vote(backend.backend->facts()->policy));
        open_ = votes_.size();
    }
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < seats_.size(); ++i) {
        if (auto row = remembered(seats_[i], task))
            settle(rows, i, *std::move(row));
        else
            order.push_back(i);
    }
    // Side by side the caller takes the dearest, so that the others end before it does. In turn the cheap
    // come first: they may decide before the dear ones start.
    const auto usual = [&](std::size_t i) { return costs_.usual_ns(i, task.artifact.facts); };
    const bool spread = task.spread == Spread::side_by_side;
    std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
        const std::uint64_t cost_a = usual(a), cost_b = usual(b);
        if (cost_a == cost_b) return a < b;
        return spread ? cost_a > cost_b : cost_a < cost_b;
    });
    if (spread)
        crew_.run(order.size(), [&](std::size_t i) { scan_one(order[i], task, rows); });
    else
        for (const std::size_t index : order) scan_one(index, task, rows);
    return cancel_ == Reason::decided;
}

std::optional<core::CacheKey> FanOut::key_of(const Seat& seat, const FanOutTask& task) const {
    const core::ArtifactFacts& facts = task.artifact.facts;
    if (!generation_->cache || !seat.backend->cache_key || !facts.sha256 || task.artifact.truncated ||
        facts.type != core::ArtifactType::file)
        return std::nullopt;
    return core::CacheKey{.artifact = *facts.sha256, .backend = *seat.backend->cache_key};
}

std::optional<core::ScanResult> FanOut::remembered(const Seat& seat, const FanOutTask& task) const {
    const auto key = key_of(seat, task);
    if (!key) return std::nullopt;
    const std::uint64_t start = util::monotonic_ns();
    auto row = generation_->cache->find(*key);
    if (row) {
        row->backend = seat.backend->backend->facts();
        row->duration_ns = util::monotonic_ns() - start;
    }
    return row;
}

void FanOut::remember(const Seat& seat, const FanOutTask& task, const core::ScanResult& row) const {
    // Who may stop at the first match has not seen them all.
    if (!task.all_matches || !core::is_cacheable(row)) return;
    const auto key = key_of(seat, task);
    if (!key) return;
    try {
        generation_->cache->keep(*key, row);
    } catch (const std::bad_alloc&) {
        // It is scanned again another time.
        util::log(util::Level::debug, "not_remembered", {{"why", "out of memory"}});
    }
}

void FanOut::stop() {
    const Lock lock(mutex_);
    stopped_ = true;
    cancel_running(Reason::cancelled);
}

void FanOut::cancel_running(Reason why) {
    cancel_ = why;
    for (Seat& seat : seats_)
        if (seat.running) seat.scanner->cancel();
}

void FanOut::scan_one(std::size_t index, const FanOutTask& task, std::vector<core::ScanResult>& rows) {
    Seat& seat = seats_[index];
    core::ScanResult row;
    row.backend = seat.backend->backend->facts();
    const std::uint64_t start = util::monotonic_ns();
    try {
        if (worth_asking(seat, task, row) && ready(seat, row)) ask(seat, task, row);
    } catch (const std::bad_alloc&) {
        broke(seat, row, Reason::out_of_memory, "out of memory");
    } catch (const std::exception& e) {
        broke(seat, row, Reason::plugin_error, e.what());
    }
    row.duration_ns = util::monotonic_ns() - start;
    if (row.outcome == Outcome::completed) costs_.learn(index, task.artifact.facts, row.duration_ns);
    remember(seat, task, row);
    settle(rows, index, std::move(row));
}

void FanOut::broke(Seat& seat, core::ScanResult& row, Reason why, const char* text) {
    row.outcome = Outcome::failed;
    row.reason = why;
    row.message = text;
    const Lock lock(mutex_);
    seat.running = false;
}

bool FanOut::worth_asking(const Seat& seat, const FanOutTask& task, core::ScanResult& row) {
    const core::ArtifactFacts& facts = task.artifact.facts;
    if (const Reason why = cancel_; why != Reason::none)
        skip(row, why);
    else if (!seat.backend->backend->takes(facts.type)) {
        row.outcome = Outcome::unsupported;
        row.reason = facts.type == core::ArtifactType::url ? Reason::url : Reason::type;
    } else if (const auto most = seat.backend->max_artifact_bytes; most && facts.size > *most)
        skip(row, Reason::too_big, "more than this backend's max_artifact_bytes, " + std::to_string(*most));
    else if (task.deadline.passed())
        skip(row, Reason::no_time);
    else
        return true;
    return false;
}

bool FanOut::ready(Seat& seat, core::ScanResult& row) {
    if (seat.scanner) return true;
    auto opened = seat.backend->backend->open_scanner();
    if (!opened) {
        row.outcome = Outcome::failed;
        row.reason = Reason::plugin_error;
        row.message = opened.error().message;
        return false;
    }
    seat.scanner = *std::move(opened);
    return true;
}

void FanOut::ask(Seat& seat, const FanOutTask& task, core::ScanResult& row) {
    std::unique_lock<std::timed_mutex> alone;
    if (auto* mutex = seat.backend->one_at_a_time.get()) {
        alone = std::unique_lock(*mutex, std::defer_lock);
        // In steps: a decision or an interruption must not wait for another artifact's scan.
        while (!alone.try_lock_for(std::min<std::chrono::nanoseconds>(task.deadline.left(), kTurnStep))) {
            if (const Reason why = cancel_; why != Reason::none) return skip(row, why);
            if (task.deadline.passed()) return skip(row, Reason::overloaded);
        }
    }
    {
        // From here on a cancellation reaches the scanner. The word is read under the same lock, so none is
        // missed.
        const Lock lock(mutex_);
        if (const Reason why = cancel_; why != Reason::none) return skip(row, why);
        seat.running = true;
    }
    const auto timeout = seat.backend->timeout;
    const plugin::ScanRequest request{
        .artifact = &task.artifact,
        .deadline = task.deadline,
        .backend_deadline = timeout.count() > 0 ? core::Deadline::after(timeout) : core::Deadline(),
        .cancel = &cancel_,
        .all_matches = task.all_matches};
    seat.scanner->scan(request, row);
    const Lock lock(mutex_);
    seat.running = false;
}

void FanOut::settle(std::vector<core::ScanResult>& rows, std::size_t index, core::ScanResult row) {
    const Lock lock(mutex_);
    votes_[index] = combine::vote_of(row);
    rows[index] = std::move(row);
    if (--open_ == 0 || !generation_->combiner.early_decision || cancel_ != Reason::none) return;
    if (combine::decided(generation_->combiner, votes_)) cancel_running(Reason::decided);
}

}   // namespace microengine::engine
