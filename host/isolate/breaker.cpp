// SPDX-License-Identifier: MIT
#include "host/isolate/breaker.hpp"

#include "host/util/result.hpp"
#include "host/util/text.hpp"

#include <algorithm>

namespace microengine::isolate {

namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

std::uint64_t ns(std::chrono::nanoseconds duration) { return static_cast<std::uint64_t>(duration.count()); }

/// Threads may tell their times slightly out of order.
std::uint64_t passed(std::uint64_t since, std::uint64_t now) { return now > since ? now - since : 0; }

/// "60 s", as the operator wrote it, not "1 min 0 s".
std::string window_text(std::uint64_t window) {
    if (window % kSecond == 0) return std::to_string(window / kSecond) + " s";
    return util::human_duration(window);
}

}   // namespace

Breaker::Breaker(const BreakerSettings& settings, std::minstd_rand random)
    : settings_(settings), random_(random) {
    const auto zero = std::chrono::nanoseconds::zero();
    util::ensure(settings_.faults > 0 && settings_.most_trips > 0,
                 "a breaker trips after at least one fault");
    util::ensure(settings_.window >= zero && settings_.first_delay > zero && settings_.most_delay > zero &&
                     settings_.forget_after >= zero,
                 "the durations of a breaker are not negative");
}

void Breaker::fault(std::uint64_t now, std::string_view what) {
    ++faults_;
    if (!closed()) return;
    if (forgiven(now)) trips_ = 0;
    quiet_since_ = std::max(quiet_since_, now);
    recent_.push_back(now);
    if (recent_.size() < settings_.faults) return;
    if (passed(recent_.front(), now) <= ns(settings_.window))
        return trip(now, std::to_string(settings_.faults) +
                             (settings_.faults == 1 ? " fault within " : " faults within ") +
                             window_text(ns(settings_.window)) + ", the last: " + std::string(what));
    recent_.pop_front();
}

std::optional<std::uint64_t> Breaker::probe_at() const {
    if (state_ != BreakerState::degraded) return std::nullopt;
    return probe_at_;
}

bool Breaker::half_open(std::uint64_t now) const {
    return state_ == BreakerState::degraded && now >= probe_at_;
}

void Breaker::probed_well(std::uint64_t now) {
    if (!half_open(now)) return;
    state_ = BreakerState::ready;
    quiet_since_ = now;
    why_.clear();
}

void Breaker::probed_badly(std::uint64_t now, std::string_view what, bool forbidden_call) {
    if (state_ == BreakerState::quarantined || (!forbidden_call && !half_open(now))) return fault(now, what);
    ++faults_;
    if (forbidden_call) return quarantine("a forbidden call on a canary: " + std::string(what));
    trip(now, "a canary did not pass: " + std::string(what));
}

unsigned Breaker::trips(std::uint64_t now) const { return forgiven(now) ? 0 : trips_; }

bool Breaker::forgiven(std::uint64_t now) const {
    return closed() && passed(quiet_since_, now) >= ns(settings_.forget_after);
}

void Breaker::trip(std::uint64_t now, const std::string& why) {
    recent_.clear();
    const std::uint64_t most = ns(settings_.most_delay);
    std::uint64_t delay = ns(settings_.first_delay);
    for (unsigned earlier = 0; earlier < trips_ && delay < most; ++earlier) delay *= 2;
    ++trips_;
    if (trips_ >= settings_.most_trips)
        return quarantine("out of service " + std::to_string(trips_) + " times, the last time: " + why);
    delay += std::uniform_int_distribution<std::uint64_t>(0, delay / 4)(random_);
    probe_at_ = now + std::min(delay, most);
    state_ = BreakerState::degraded;
    why_ = why;
}

void Breaker::quarantine(const std::string& why) {
    recent_.clear();
    state_ = BreakerState::quarantined;
    why_ = why;
}

}   // namespace microengine::isolate
