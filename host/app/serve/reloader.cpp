// SPDX-License-Identifier: MIT
#include "host/app/serve/reloader.hpp"

#include "host/util/log.hpp"
#include "host/util/metrics.hpp"

#include <algorithm>
#include <ctime>
#include <exception>
#include <iterator>
#include <utility>

namespace microengine::app {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kShortestLook{50};
constexpr milliseconds kLongestLook{5'000};
constexpr milliseconds kRetry{30'000};

std::string names_of(const auto& requests) {
    std::string names;
    for (const auto& request : requests) names += (names.empty() ? "" : ", ") + request.who;
    return names;
}

void record(const engine::ReloadOutcome& outcome, steady_clock::duration took) {
    util::count("reloads_total", {{"result", outcome.replaced ? "replaced" : "refused"}});
    util::gauge("reload_last_refused", {}, outcome.problems.empty() ? 0 : 1);
    util::observe("reload_seconds", {}, std::chrono::duration<double>(took).count());
    if (outcome.replaced)
        util::gauge("reload_last_success_timestamp_seconds", {}, static_cast<double>(std::time(nullptr)));
    if (outcome.replaced)
        util::log(util::Level::info, "reloaded",
                  {{"generation", std::to_string(outcome.generation)},
                   {"ms", std::to_string(std::chrono::duration_cast<milliseconds>(took).count())}});
    for (const std::string& problem : outcome.problems)
        util::log(util::Level::error, "reload_refused",
                  {{"generation", std::to_string(outcome.generation)}, {"why", problem}});
}

}   // namespace

bool Settling::look(FileState state, Time now) {
    if (state != seen_) {
        seen_ = std::move(state);
        changed_at_ = now;
        restless_ = true;
        return false;
    }
    return restless_ && now - changed_at_ >= rest_ && std::exchange(restless_, false);
}

void Settling::known(FileState state) {
    seen_ = std::move(state);
    restless_ = false;
}

Reloader::Reloader(Parts parts) : parts_(std::move(parts)) {
    thread_ = std::jthread([this](const std::stop_token& stop) {
        work(stop);
        ended_.set_value();
    });
}

bool Reloader::end(steady_clock::time_point until) {
    {
        const util::Lock lock(mutex_);
        ending_ = true;
    }
    thread_.request_stop();
    return ended_future_.wait_until(until) == std::future_status::ready;
}

void Reloader::stop() {
    if (!thread_.joinable()) return;
    (void)end(steady_clock::now());
    thread_.join();
}

void Reloader::request(std::string_view who, Done done) {
    {
        const util::Lock lock(mutex_);
        if (!ending_) {
            requests_.push_back({.who = std::string(who), .done = std::move(done)});
            asked_.notify_one();
            return;
        }
    }
    if (done) done({.replaced = false, .generation = 0, .problems = {"the service is ending"}});
}

void Reloader::work(const std::stop_token& stop) {
    const milliseconds pause = std::clamp(parts_.settle / 2, kShortestLook, kLongestLook);
    Settling settling(watched(), parts_.settle);
    auto last = steady_clock::now();
    while (!stop.stop_requested()) {
        std::vector<Request> requests;
        {
            util::Lock lock(mutex_);
            const auto asked = [this]() ME_REQUIRES(mutex_) { return !requests_.empty(); };
            if (parts_.watched || parts_.unfinished)
                (void)asked_.wait_until(lock, stop, steady_clock::now() + pause, asked);
            else
                (void)asked_.wait(lock, stop, asked);
            requests.swap(requests_);
        }
        if (stop.stop_requested()) {
            const util::Lock lock(mutex_);
            std::ranges::move(requests, std::back_inserter(requests_));
            break;
        }
        FileState state = watched();
        if (requests.empty() && settling.look(state, steady_clock::now())) requests.push_back({"watch", {}});
        const bool again = parts_.unfinished && parts_.unfinished() && steady_clock::now() - last >= kRetry;
        if (requests.empty() && again) requests.push_back({"retry", {}});
        if (requests.empty()) continue;
        // As it was before: what changes while it loads is another change.
        settling.known(std::move(state));
        reload(std::move(requests));
        last = steady_clock::now();
    }
    std::vector<Request> left;
    {
        const util::Lock lock(mutex_);
        left.swap(requests_);
    }
    for (Request& request : left)
        if (request.done)
            request.done({.replaced = false, .generation = 0, .problems = {"the service is ending"}});
}

void Reloader::reload(std::vector<Request> requests) const {
    util::log(util::Level::info, "reload", {{"who", names_of(requests)}});
    const auto start = steady_clock::now();
    engine::ReloadOutcome outcome;
    try {
        outcome = parts_.attempt();
    } catch (const std::exception& e) {
        outcome.problems = {std::string("reload failed: ") + e.what()};
    }
    record(outcome, steady_clock::now() - start);
    for (Request& request : requests)
        if (request.done) request.done(outcome);
    if (parts_.tell) parts_.tell(outcome);
}

}   // namespace microengine::app
