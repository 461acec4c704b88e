// SPDX-License-Identifier: MIT
#include "host/engine/fan_out.hpp"

#include "host/util/clock.hpp"

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

bool FanOut::is_routed_past(const Seat& seat, const FanOutTask& task) {
    return task.backends != nullptr &&
           std::ranges::find(*task.backends, seat.backend->backend->facts()->policy.name) ==
               task.backends->end();
}

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
        if (generation_->combiner.early_decision)
            for (const OpenBackend& backend : generation_->backends)
                votes_.push_back(combine::pending_vote(backend.backend->facts()->policy));
        open_ = votes_.size();
    }
    kind_ = Costs::kind_of(task.artifact.facts);
    remembers_ = generation_->remembers(task.artifact);
    turns_.clear();
    for (std::size_t i = 0; i < seats_.size(); ++i) {
        if (is_routed_past(seats_[i], task)) {
            skip(rows[i], Reason::routed);
            settle(i, rows[i]);
        } else if (remembered(seats_[i], task, rows[i]))
            settle(i, rows[i]);
        else
            turns_.push_back({.backend = i, .usual_ns = costs_.usual_ns(i, kind_)});
    }
    put_in_order(task);
    const auto scan = [&](const Turn& turn, std::uint64_t start) {
        return scan_one(turn.backend, task, rows[turn.backend], start);
    };
    std::uint64_t now = util::monotonic_ns();
    if (task.spread == Spread::side_by_side)
        crew_.run(turns_.size(), [&](std::size_t i) { scan(turns_[i], util::monotonic_ns()); });
    else
        for (const Turn& turn : turns_) now = scan(turn, now);
    return cancel_ == Reason::decided;
}

/// Side by side the caller takes the dearest, so that the others end before it does. In turn the cheap come
/// first: they may decide before the dear ones start.
void FanOut::put_in_order(const FanOutTask& task) {
    const bool dearest_first = task.spread == Spread::side_by_side;
    std::ranges::sort(turns_, [&](const Turn& a, const Turn& b) {
        if (a.usual_ns == b.usual_ns) return a.backend < b.backend;
        return dearest_first ? a.usual_ns > b.usual_ns : a.usual_ns < b.usual_ns;
    });
}

std::optional<core::CacheKey> FanOut::key_of(const Seat& seat, const FanOutTask& task) const {
    const std::optional<util::Sha256>& sha256 = task.artifact.facts.sha256;
    if (!remembers_ || !seat.backend->cache_key || !sha256) return std::nullopt;
    return core::CacheKey{.artifact = *sha256, .backend = *seat.backend->cache_key};
}

bool FanOut::remembered(const Seat& seat, const FanOutTask& task, core::ScanResult& row) const {
    const auto key = key_of(seat, task);
    if (!key) return false;
    const std::uint64_t start = util::monotonic_ns();
    try {
        auto found = generation_->cache->find(*key);
        if (!found) return false;
        row = *std::move(found);
    } catch (const std::bad_alloc&) {
        return false;
    }
    row.backend = seat.backend->backend->facts();
    row.duration_ns = util::monotonic_ns() - start;
    return true;
}

void FanOut::remember(const Seat& seat, const FanOutTask& task, const core::ScanResult& row) const {
    // Who may stop at the first match, or was told to stop, has perhaps not seen them all.
    if (!task.all_matches || cancel_ != Reason::none || !core::is_cacheable(row)) return;
    const auto key = key_of(seat, task);
    if (!key) return;
    try {
        generation_->cache->keep(*key, row);
    } catch (const std::bad_alloc&) {
        return;   // It is scanned again another time. Not logged: that takes memory too.
    }
}

void FanOut::stop() {
    const Lock lock(mutex_);
    stopped_ = true;
    cancel(Reason::cancelled);
}

void FanOut::cancel(Reason why) {
    cancel_ = why;
    for (Seat& seat : seats_)
        if (seat.scanner) seat.scanner->cancel();
}

std::uint64_t FanOut::scan_one(std::size_t index, const FanOutTask& task, core::ScanResult& row,
                               std::uint64_t start) {
    Seat& seat = seats_[index];
    std::uint64_t begun = start;
    const auto broke = [&](Reason why, const char* text) {
        row.outcome = Outcome::failed;
        row.reason = why;
        row.message = text;
    };
    try {
        if (worth_asking(seat, task, row) && ready(seat, row)) begun = ask(seat, task, row, start);
    } catch (const std::bad_alloc&) {
        broke(Reason::out_of_memory, "out of memory");
    } catch (const std::exception& e) {
        broke(Reason::plugin_error, e.what());
    }
    const std::uint64_t end = util::monotonic_ns();
    row.duration_ns = end - start;
    if (row.outcome == Outcome::completed) costs_.learn(index, kind_, end - begun);
    remember(seat, task, row);
    settle(index, row);
    return end;
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
    const Lock lock(mutex_);
    seat.scanner = *std::move(opened);
    return true;
}

std::uint64_t FanOut::ask(Seat& seat, const FanOutTask& task, core::ScanResult& row, std::uint64_t start) {
    std::unique_lock<std::timed_mutex> alone;
    if (auto* mutex = seat.backend->one_at_a_time.get()) {
        alone = std::unique_lock(*mutex, std::defer_lock);
        // In steps: a decision or an interruption must not wait for another artifact's scan.
        while (!alone.try_lock_for(std::min<std::chrono::nanoseconds>(task.deadline.left(), kTurnStep))) {
            const Reason why = task.deadline.passed() ? Reason::overloaded : cancel_.load();
            if (why == Reason::none) continue;
            skip(row, why);
            return start;
        }
        start = util::monotonic_ns();
    }
    // A cancellation until here is in the word, which the scanner looks at first; a later one is told to it.
    const auto timeout = seat.backend->timeout;
    const plugin::ScanRequest request{
        .artifact = &task.artifact,
        .deadline = task.deadline,
        .backend_deadline = timeout.count() > 0 ? core::Deadline::after(timeout) : core::Deadline(),
        .cancel = &cancel_,
        .all_matches = task.all_matches};
    seat.scanner->scan(request, row);
    return start;
}

void FanOut::settle(std::size_t index, const core::ScanResult& row) {
    if (!generation_->combiner.early_decision) return;
    const Lock lock(mutex_);
    votes_[index] = combine::vote_of(row);
    if (--open_ == 0 || cancel_ != Reason::none) return;
    if (combine::decided(generation_->combiner, votes_)) cancel(Reason::decided);
}

}   // namespace microengine::engine
