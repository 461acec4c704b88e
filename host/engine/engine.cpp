// SPDX-License-Identifier: MIT
#include "host/engine/engine.hpp"

#include "host/util/log.hpp"

#include <algorithm>
#include <exception>
#include <new>
#include <string>
#include <system_error>
#include <utility>

namespace microengine::engine {

using core::Reason;
using util::Lock;

Engine::Engine(std::shared_ptr<const Generation> generation, EngineSettings settings)
    : generation_(std::move(generation)),
      settings_(settings),
      costs_(generation_->backends.size()),
      queue_(std::make_unique<JobQueue>(settings.queue_capacity)) {
    for (std::size_t i = 0; i < std::max<std::size_t>(settings_.slots, 1); ++i)
        slots_.push_back(std::make_unique<Slot>(generation_, costs_, flights_));
    for (const auto& slot : slots_) {
        try {
            threads_.emplace_back([this, &slot = *slot] { work(slot); });
        } catch (const std::system_error& e) {
            // Fewer do the same work. With none there is nobody to answer.
            util::log(util::Level::warning, "fewer_slots",
                      {{"started", std::to_string(threads_.size())}, {"why", e.what()}});
            if (threads_.empty()) throw;
            return;
        }
    }
}

Engine::~Engine() {
    cancel();
    {
        const Lock lock(mutex_);
        ending_ = true;
    }
    work_came_.notify_all();
}

bool Engine::submit(Job&& job) {
    Lock lock(mutex_);
    room_came_.wait(
        lock, [&]() ME_REQUIRES(mutex_) { return cancelled_ || queue_->has_room(job.client, job.urgency); });
    if (cancelled_) return false;
    queue_->push(std::move(job));
    lock.unlock();
    work_came_.notify_one();
    return true;
}

Offer Engine::offer(Job&& job) {
    {
        const Lock lock(mutex_);
        if (cancelled_) return Offer::closed;
        if (!queue_->has_room(job.client, job.urgency)) return Offer::full;
        queue_->push(std::move(job));
    }
    work_came_.notify_one();
    return Offer::accepted;
}

Load Engine::load() {
    const Lock lock(mutex_);
    return {.slots = slots_.size(), .running = running_, .waiting = queue_->size()};
}

void Engine::drain() {
    Lock lock(mutex_);
    all_answered_.wait(lock, [this]() ME_REQUIRES(mutex_) { return queue_->empty() && running_ == 0; });
}

void Engine::cancel() {
    {
        const Lock lock(mutex_);
        cancelled_ = true;
    }
    room_came_.notify_all();
    work_came_.notify_all();   // of a paused one too: those that wait are answered
    for (const auto& slot : slots_) slot->stop();
    flights_.cancel();   // after it: who need not wait any more finds that it need not scan either
}

void Engine::take_over(Engine& paused) {
    {
        const Lock mine(mutex_);
        const Lock theirs(paused.mutex_);
        std::swap(queue_, paused.queue_);
    }
    work_came_.notify_all();
}

Spread Engine::spread() const {
    // Enough artifacts for every slot: whole artifacts in turn waste nothing. Fewer: the idle cores take a
    // backend each.
    const bool idle_slots = queue_->empty() && running_ < slots_.size();
    return idle_slots && slots_.size() > 1 ? Spread::side_by_side : Spread::in_turn;
}

core::Report Engine::unscanned(Job& job, Reason why, const std::string& message) const {
    return unseen(*generation_, job, core::named(job.name), why, message);
}

core::Report Engine::judge(Slot& slot, Job& job, Spread how) const {
    // Whatever happens to one artifact, it has its report and the others go on.
    try {
        return slot.judge(job, how);
    } catch (const std::bad_alloc&) {
        return unscanned(job, Reason::no_artifact, "out of memory");
    } catch (const std::exception& e) {
        return unscanned(job, Reason::no_artifact, e.what());
    }
}

void Engine::work(Slot& slot) {
    for (;;) {
        Lock lock(mutex_);
        work_came_.wait(lock, [this]() ME_REQUIRES(mutex_) {
            return ending_ || (!queue_->empty() && (cancelled_ || !settings_.paused));
        });
        if (queue_->empty()) return;
        Job job = queue_->pop();
        const Spread how = spread();
        const bool too_late = cancelled_;
        ++running_;
        lock.unlock();
        room_came_.notify_all();   // whoever has a share of it free
        job.done(too_late ? unscanned(job, Reason::cancelled, "cancelled before it was scanned")
                          : judge(slot, job, how));
        lock.lock();
        if (--running_ == 0 && queue_->empty()) all_answered_.notify_all();
    }
}

}   // namespace microengine::engine
