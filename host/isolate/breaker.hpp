// SPDX-License-Identifier: MIT
#pragma once
// Takes a backend that keeps failing out of service, and lets it back in when its canaries pass. Only a state
// and its rules: the owner guards it, tells the time and runs the probes.
//
//   closed --(five faults within 60 s: a trip)--> open --(its delay passed)--> half-open
//   half-open --probed_well()--> closed        half-open --probed_badly(): a trip--> open, twice the delay
//   eight trips, or a forbidden call while probed --> quarantined for good

#include "host/plugin/backend.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <string>
#include <string_view>

namespace microengine::isolate {

struct BreakerSettings {
    unsigned faults = 5;                                                     ///< so many ...
    std::chrono::nanoseconds window = std::chrono::seconds(60);              ///< ... within this trip it
    std::chrono::nanoseconds first_delay = std::chrono::milliseconds(100);   ///< then twice as long each time
    std::chrono::nanoseconds most_delay = std::chrono::seconds(60);          ///< jitter included
    unsigned most_trips = 8;                                                 ///< then it stays out
    std::chrono::nanoseconds forget_after =
        std::chrono::minutes(10);   ///< closed without a fault: all is well
};

/// What the world sees of it: open and half-open are both degraded.
using BreakerState = plugin::Health::State;

/// One thread at a time. `now` is util::monotonic_ns(); what went wrong is a text of ours, no full stop.
class Breaker {
public:
    /// `random` spreads the delays, so that backends that fell together do not come back together.
    Breaker(const BreakerSettings& settings, std::minstd_rand random);

    /// A worker crashed, was killed or broke the protocol. While open it only counts: what was under way when
    /// the breaker tripped still comes in.
    void fault(std::uint64_t now, std::string_view what);

    /// Scans may go to it.
    [[nodiscard]] bool closed() const { return state_ == BreakerState::ready; }
    /// From when on the canaries decide; nothing unless it is open.
    [[nodiscard]] std::optional<std::uint64_t> probe_at() const;
    [[nodiscard]] bool half_open(std::uint64_t now) const;
    /// All canaries passed. Changes nothing unless half-open.
    void probed_well(std::uint64_t now);
    /// A canary did not pass. Half-open: a trip. Otherwise a fault like any other, for new workers are probed
    /// at any time. With a forbidden call, at any time: quarantined, for a canary is no attack.
    void probed_badly(std::uint64_t now, std::string_view what, bool forbidden_call = false);

    [[nodiscard]] BreakerState state() const { return state_; }
    /// Why it is not ready: "5 faults within 60 s, the last: killed by SIGSEGV". Empty when ready.
    [[nodiscard]] const std::string& why() const { return why_; }
    /// All of them, failed probes included.
    [[nodiscard]] std::uint64_t faults() const { return faults_; }
    /// Those not forgotten yet.
    [[nodiscard]] unsigned trips(std::uint64_t now) const;

private:
    [[nodiscard]] bool forgiven(std::uint64_t now) const;
    void trip(std::uint64_t now, const std::string& why);
    void quarantine(const std::string& why);

    BreakerSettings settings_;
    std::minstd_rand random_;
    BreakerState state_ = BreakerState::ready;
    std::deque<std::uint64_t> recent_;   // times of the last faults since it closed, at most settings_.faults
    std::uint64_t quiet_since_ = 0;      // the last fault, or the last closing
    std::uint64_t probe_at_ = 0;         // while degraded
    unsigned trips_ = 0;
    std::uint64_t faults_ = 0;
    std::string why_;
};

}   // namespace microengine::isolate
