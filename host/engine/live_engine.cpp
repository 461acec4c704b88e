// SPDX-License-Identifier: MIT
#include "host/engine/live_engine.hpp"

#include <utility>

namespace microengine::engine {

using util::Lock;

LiveEngine::LiveEngine(std::shared_ptr<const Generation> generation, EngineSettings settings)
    : settings_(settings), current_(std::make_shared<Engine>(std::move(generation), settings)) {}

LiveEngine::~LiveEngine() { cancel(); }

std::shared_ptr<Engine> LiveEngine::current() const {
    const Lock lock(mutex_);
    return current_;
}

Offer LiveEngine::offer(Job&& job) {
    // Under the lock: once replace() has swapped, nobody offers to the one that is drained. It takes as long
    // as a push.
    const Lock lock(mutex_);
    return current_->offer(std::move(job));
}

std::shared_ptr<const Generation> LiveEngine::generation() const {
    const Lock lock(mutex_);
    return current_->generation();
}

Load LiveEngine::load() const {
    const Lock lock(mutex_);
    Load load = current_->load();
    if (retiring_) {
        const Load old = retiring_->load();
        load.running += old.running;
        load.waiting += old.waiting;
    }
    return load;
}

void LiveEngine::replace(std::shared_ptr<const Generation> next) {
    exchange(std::make_shared<Engine>(std::move(next), settings_));
}

void LiveEngine::hold(std::shared_ptr<const Generation> meanwhile) {
    EngineSettings paused = settings_;
    paused.paused = true;
    exchange(std::make_shared<Engine>(std::move(meanwhile), paused));
}

void LiveEngine::exchange(std::shared_ptr<Engine> fresh) {
    std::shared_ptr<Engine> old;
    {
        const Lock lock(mutex_);
        if (cancelled_) fresh->cancel();
        if (current_->paused()) fresh->take_over(*current_);
        old = std::exchange(current_, std::move(fresh));
        retiring_ = old;
    }
    old->drain();
    const Lock lock(mutex_);
    retiring_.reset();
}

void LiveEngine::drain() { current()->drain(); }

void LiveEngine::cancel() {
    const Lock lock(mutex_);
    cancelled_ = true;
    current_->cancel();
    if (retiring_) retiring_->cancel();
}

}   // namespace microengine::engine
