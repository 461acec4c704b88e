// SPDX-License-Identifier: MIT
#pragma once
// A mutex whose use clang checks at compile time (-Wthread-safety): ME_GUARDED_BY on a member, ME_REQUIRES on
// a function.

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

#if defined(__clang__)
#define ME_ANNOTATE(x) __attribute__((x))
#else
#define ME_ANNOTATE(x)
#endif
#define ME_GUARDED_BY(mutex) ME_ANNOTATE(guarded_by(mutex))
#define ME_REQUIRES(mutex) ME_ANNOTATE(requires_capability(mutex))

namespace microengine::util {

class ME_ANNOTATE(capability("mutex")) Mutex {
public:
    void lock() ME_ANNOTATE(acquire_capability()) { mutex_.lock(); }
    void unlock() ME_ANNOTATE(release_capability()) { mutex_.unlock(); }

private:
    std::mutex mutex_;
};

class ME_ANNOTATE(scoped_lockable) Lock {
public:
    explicit Lock(Mutex& mutex) ME_ANNOTATE(acquire_capability(mutex)) : mutex_(mutex) { mutex_.lock(); }
    ~Lock() ME_ANNOTATE(release_capability()) {
        if (held_) mutex_.unlock();
    }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    // For Condition: waiting gives the mutex back and takes it again.
    void lock() ME_ANNOTATE(acquire_capability()) {
        mutex_.lock();
        held_ = true;
    }
    void unlock() ME_ANNOTATE(release_capability()) {
        held_ = false;
        mutex_.unlock();
    }

private:
    Mutex& mutex_;
    bool held_ = true;
};

class Condition {
public:
    void notify_one() noexcept { condition_.notify_one(); }
    void notify_all() noexcept { condition_.notify_all(); }
    template <class Predicate>
    void wait(Lock& lock, Predicate holds) {
        condition_.wait(lock, holds);
    }
    /// False when stopped before the predicate held.
    template <class Predicate>
    bool wait(Lock& lock, const std::stop_token& stop, Predicate holds) {
        return condition_.wait(lock, stop, holds);
    }
    /// The same, and false when that time has come before the predicate held.
    template <class Clock, class Duration, class Predicate>
    bool wait_until(Lock& lock, const std::stop_token& stop,
                    const std::chrono::time_point<Clock, Duration>& until, Predicate holds) {
        return condition_.wait_until(lock, stop, until, holds);
    }
    template <class Clock, class Duration, class Predicate>
    bool wait_until(Lock& lock, const std::chrono::time_point<Clock, Duration>& until, Predicate holds) {
        return condition_.wait_until(lock, until, holds);
    }

private:
    std::condition_variable_any condition_;
};

}   // namespace microengine::util
