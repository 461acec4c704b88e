// SPDX-License-Identifier: MIT
#pragma once
// What happens, for those who listen to events: each has a bounded queue of his own, and who is slow is told
// what he has lost. Nobody who listens slows a scan down.

#include "host/engine/operations.hpp"
#include "host/util/mutex.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::http {

struct FeedLimits {
    std::size_t subscribers = 64;
    std::size_t events = 1024;   ///< that wait for one subscriber
    std::size_t bytes = std::size_t{1} << 20;
};

/// Any thread.
class EventFeed final : public engine::ReportListener {
public:
    class Subscriber {
    public:
        /// `wake` is called on any thread when there is something to take, once until it is taken.
        Subscriber(FeedLimits limits, std::function<void()> wake) : limits_(limits), wake_(std::move(wake)) {}
        /// All that waits, as it goes to the client; empty: nothing.
        [[nodiscard]] std::string take();

    private:
        friend class EventFeed;
        void add(const std::string& text);
        FeedLimits limits_;
        std::function<void()> wake_;
        util::Mutex mutex_;
        std::deque<std::string> waiting_ ME_GUARDED_BY(mutex_);
        std::size_t bytes_ ME_GUARDED_BY(mutex_) = 0;
        std::uint64_t lost_ ME_GUARDED_BY(mutex_) = 0;
        bool woken_ ME_GUARDED_BY(mutex_) = false;
    };

    explicit EventFeed(FeedLimits limits = {}) : limits_(limits) {}

    /// From now on, as long as somebody holds it. Null: there are too many.
    [[nodiscard]] std::shared_ptr<Subscriber> subscribe(std::function<void()> wake);
    [[nodiscard]] bool anybody() const { return count_ > 0; }

    void publish(std::string_view event, const std::string& data);
    void on_report(const core::Report& report, std::string_view frontend) override;
    void on_reload(const engine::ReloadOutcome& outcome) override;

private:
    FeedLimits limits_;
    std::atomic<std::size_t> count_ = 0;   // of those that may still be there: nothing is written for nobody
    std::atomic<std::uint64_t> number_ = 0;
    util::Mutex mutex_;
    // Held by their connections; what is gone is removed when the next comes or the next event does.
    std::vector<std::weak_ptr<Subscriber>> subscribers_ ME_GUARDED_BY(mutex_);
};

/// The data of an event: what one wants to know at once. The whole report is its sender's.
[[nodiscard]] std::string report_event(const core::Report& report, std::string_view frontend);
[[nodiscard]] std::string reload_event(const engine::ReloadOutcome& outcome);
[[nodiscard]] std::string backend_event(const engine::BackendStatus& backend);

}   // namespace microengine::http
