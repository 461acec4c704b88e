// SPDX-License-Identifier: MIT
#pragma once
// When a reload happens: on request, or once the watched files have changed and rested. One at a time, on a
// thread of its own; who asks while none has begun shares the next one.

#include "host/app/serve/file_state.hpp"
#include "host/engine/operations.hpp"
#include "host/util/mutex.hpp"

#include <chrono>
#include <functional>
#include <future>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace microengine::app {

/// Decides from what is seen at each look whether files have changed and then rested. Pure.
class Settling {
public:
    using Time = std::chrono::steady_clock::time_point;
    Settling(FileState known, std::chrono::milliseconds rest) : seen_(std::move(known)), rest_(rest) {}
    /// True once for each change, and then when it is over.
    [[nodiscard]] bool look(FileState state, Time now);
    /// A reload begins now that will see this.
    void known(FileState state);

private:
    FileState seen_;
    std::chrono::milliseconds rest_;
    Time changed_at_{};
    bool restless_ = false;
};

class Reloader {
public:
    /// Called on its thread, and outliving it.
    struct Parts {
        std::function<engine::ReloadOutcome()> attempt;
        std::function<FileState()> watched;   ///< empty: nothing is watched
        std::function<bool()> unfinished;     ///< true: it is tried again by itself; may be empty
        std::function<void(const engine::ReloadOutcome&)> tell;
        std::chrono::milliseconds settle{2'000};
    };
    using Done = std::move_only_function<void(const engine::ReloadOutcome&)>;

    explicit Reloader(Parts parts);
    ~Reloader() { stop(); }
    Reloader(const Reloader&) = delete;
    Reloader& operator=(const Reloader&) = delete;

    /// No more reloads; who still waits, or asks later, is told that the service ends. Waits for the one that
    /// runs, but not for ever: false.
    [[nodiscard]] bool end(std::chrono::steady_clock::time_point until);
    /// The same, however long it takes. One thread.
    void stop();
    /// Any thread. `done`, if any, is called exactly once, on another thread
    /// unless the service ends.
    void request(std::string_view who, Done done);

private:
    struct Request {
        std::string who;
        Done done;
    };
    void work(const std::stop_token& stop);
    void reload(std::vector<Request> requests) const;
    [[nodiscard]] FileState watched() const { return parts_.watched ? parts_.watched() : FileState{}; }

    Parts parts_;
    util::Mutex mutex_;
    util::Condition asked_;
    std::vector<Request> requests_ ME_GUARDED_BY(mutex_);
    bool ending_ ME_GUARDED_BY(mutex_) = false;
    std::promise<void> ended_;
    std::future<void> ended_future_ = ended_.get_future();
    std::jthread thread_;   // last: it ends before what it uses
};

}   // namespace microengine::app
