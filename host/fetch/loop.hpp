// SPDX-License-Identifier: MIT
#pragma once
// The thread of a client: takes errands, lets so many of them be at work at once, and drives libcurl's multi
// interface until it is told to end.

#include "host/fetch/errand.hpp"
#include "host/util/mutex.hpp"

#include <curl/curl.h>

#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace microengine::fetch {

class Loop {
public:
    /// Throws where no thread can be started, or libcurl is not as we need it.
    explicit Loop(ClientSettings settings);
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    /// Any thread.
    void add(std::unique_ptr<Errand> errand);
    /// Gives up what is in work; joins the thread. Errands may still be added meanwhile, and are given up.
    void end();

private:
    static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

    struct FreeMulti {
        void operator()(CURLM* multi) const { ::curl_multi_cleanup(multi); }
    };
    using Multi = std::unique_ptr<CURLM, FreeMulti>;

    /// An errand and its exchange, or the step that is not due yet.
    struct Work {
        std::unique_ptr<Errand> errand;   // null: answered
        Step step;
        std::unique_ptr<Exchange> exchange;

        [[nodiscard]] std::uint64_t until_ns() const;
        [[nodiscard]] const std::string& place() const;
        void give_up(Failure failure, std::string why);
        void go_on(std::optional<Fault> fault);
    };
    [[nodiscard]] static Multi new_multi(const ClientSettings& settings);

    // On the thread:
    void run();
    [[nodiscard]] bool take_arrived();
    void perform();
    void look_after();
    void expire_waiting();
    void begin();
    void start(Work& work);
    void wait();
    void cancel_all();

    const ClientSettings settings_;
    const Multi multi_;

    util::Mutex mutex_;
    std::vector<std::unique_ptr<Errand>> arrived_ ME_GUARDED_BY(mutex_);
    bool ending_ ME_GUARDED_BY(mutex_) = false;

    std::deque<Work> waiting_;
    std::uint64_t waiting_until_ns_ = kNever;   // no deadline of theirs is earlier
    std::vector<Work> at_work_;

    std::jthread thread_;
};

}   // namespace microengine::fetch
