// SPDX-License-Identifier: MIT
#include "host/broker/reconnector.hpp"

#include "host/util/clock.hpp"
#include "host/util/log.hpp"
#include "host/util/metrics.hpp"

namespace microengine::broker {

namespace {

constexpr std::uint64_t kMs = 1'000'000;

}   // namespace

void Reconnector::run(const std::stop_token& stop, const Steps& steps) {
    while (!stop.stop_requested()) {
        const auto ended = steps.session(stop);
        connected_ = false;
        util::gauge("queue_connected", {}, 0);
        const auto pause = backoff_.next();
        if (!ended) down(ended.error(), pause);
        steps.lost();
        const std::uint64_t until = util::monotonic_ns() + static_cast<std::uint64_t>(pause.count()) * kMs;
        while (!stop.stop_requested() && util::monotonic_ns() < until) steps.pause(until);
    }
}

void Reconnector::up(const std::string& broker) {
    backoff_.reset();
    connected_ = true;
    util::gauge("queue_connected", {}, 1);
    util::log(util::Level::info, "queue_connected", {{"broker", broker}});
}

void Reconnector::down(const util::Error& why, std::chrono::milliseconds pause) {
    {
        const util::Lock lock(mutex_);
        why_not_ = why.text();
    }
    util::count("queue_reconnects_total");
    util::log(util::Level::warning, "queue_unreachable",
              {{"why", why.text()}, {"again_ms", std::to_string(pause.count())}});
}

std::optional<std::string> Reconnector::why_not_ready() const {
    if (connected_) return std::nullopt;
    const util::Lock lock(mutex_);
    return "the queue cannot be reached" + (why_not_.empty() ? std::string() : ": " + why_not_);
}

}   // namespace microengine::broker
