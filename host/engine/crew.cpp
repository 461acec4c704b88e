// SPDX-License-Identifier: MIT
#include "host/engine/crew.hpp"

#include "host/util/log.hpp"

#include <algorithm>
#include <system_error>

namespace microengine::engine {

using util::Lock;

Crew::~Crew() {
    {
        const Lock lock(mutex_);
        ending_ = true;
    }
    go_.notify_all();
}

void Crew::run(std::size_t count, const std::function<void(std::size_t)>& part) {
    if (count == 0) return;
    const std::size_t helped = std::min(count, start_threads(count) + 1);
    if (helped > 1) {
        {
            const Lock lock(mutex_);
            part_ = &part;
            count_ = helped;
            open_ = helped - 1;
            ++round_;
        }
        go_.notify_all();
    }
    part(0);
    for (std::size_t i = helped; i < count; ++i) part(i);
    if (helped == 1) return;
    Lock lock(mutex_);
    finished_.wait(lock, [this]() ME_REQUIRES(mutex_) { return open_ == 0; });
    part_ = nullptr;
}

std::size_t Crew::start_threads(std::size_t count) {
    try {
        while (threads_.size() + 1 < count)
            threads_.emplace_back([this, index = threads_.size() + 1] { work(index); });
    } catch (const std::system_error& e) {
        // The system has no more threads to give: the caller does the rest itself.
        util::log(util::Level::debug, "fewer_helpers", {{"why", e.what()}});
    }
    return threads_.size();
}

void Crew::work(std::size_t index) {
    std::size_t seen = 0;
    for (;;) {
        Lock lock(mutex_);
        go_.wait(lock, [&]() ME_REQUIRES(mutex_) {
            return ending_ || (round_ != seen && index < count_ && part_ != nullptr);
        });
        if (ending_) return;
        seen = round_;
        const auto* const part = part_;
        lock.unlock();
        (*part)(index);
        lock.lock();
        if (--open_ == 0) finished_.notify_one();
    }
}

}   // namespace microengine::engine
