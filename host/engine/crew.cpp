// SPDX-License-Identifier: MIT
#include "host/engine/crew.hpp"

#include "host/util/log.hpp"
#include "host/util/spin.hpp"

#include <algorithm>
#include <system_error>

namespace microengine::engine {

namespace {

/// Until it is no longer that: looking first, then asleep.
template <class T>
T other_than(const std::atomic<T>& word, T old) {
    if (!util::spin_until([&] { return word.load(std::memory_order_acquire) != old; }))
        word.wait(old, std::memory_order_acquire);
    return word.load(std::memory_order_acquire);
}

}   // namespace

Crew::~Crew() {
    run_ = 0;
    run_.notify_all();
}

void Crew::run(std::size_t count, const std::function<void(std::size_t)>& part) {
    if (count == 0) return;
    const std::size_t helped = std::min(count, start_threads(count) + 1);
    if (helped > 1) {
        part_ = &part;
        open_ = helped - 1;
        run_ = (run_ & ~(kNext - 1)) + kNext + helped;
        run_.notify_all();
    }
    part(0);
    for (std::size_t i = helped; i < count; ++i) part(i);
    if (helped == 1) return;
    for (std::size_t left = open_; left != 0;) left = other_than(open_, left);
}

std::size_t Crew::start_threads(std::size_t count) {
    try {
        while (threads_.size() + 1 < std::min<std::size_t>(count, kNext - 1))
            threads_.emplace_back([this, index = threads_.size() + 1] { work(index); });
    } catch (const std::system_error& e) {
        // The system has no more threads to give: the caller does the rest itself.
        util::log(util::Level::debug, "fewer_helpers", {{"why", e.what()}});
    }
    return threads_.size();
}

void Crew::work(std::size_t index) {
    std::uint64_t seen = kNext;   // no run has this number
    for (;;) {
        seen = other_than(run_, seen);
        if (seen == 0) return;
        if (index >= seen % kNext) continue;
        (*part_)(index);
        if (--open_ == 0) open_.notify_one();
    }
}

}   // namespace microengine::engine
