// SPDX-License-Identifier: MIT
#include "host/frontends/cli/in_order.hpp"

#include <utility>

namespace microengine::cli {

using util::Lock;

std::uint64_t InOrder::next_number() {
    Lock lock(mutex_);
    moved_.wait(lock, [this]() ME_REQUIRES(mutex_) { return given_ - taken_ < window_; });
    return given_++;
}

void InOrder::put(std::uint64_t number, std::optional<core::Report> report) {
    Lock lock(mutex_);
    waiting_.emplace(number, std::move(report));
    if (taking_) return;
    taking_ = true;
    for (auto next = waiting_.find(taken_); next != waiting_.end(); next = waiting_.find(taken_)) {
        std::optional<core::Report> one = std::move(next->second);
        waiting_.erase(next);
        lock.unlock();   // a slow reader of our output must not hold up those who only put
        if (one) take_(*std::move(one));
        lock.lock();
        ++taken_;
        moved_.notify_all();
    }
    taking_ = false;
}

}   // namespace microengine::cli
