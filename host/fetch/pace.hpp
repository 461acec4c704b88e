// SPDX-License-Identifier: MIT
#pragma once
// Do bytes come in fast enough? A sender that trickles would hold its place among those at work for as long
// as it likes. Pure; one thread.

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace microengine::fetch {

inline constexpr std::uint64_t kLeastBytesPerSecond = 1024;

class Pace {
public:
    /// Judged over each such window; 0: never.
    explicit Pace(std::chrono::nanoseconds window) : window_ns_(static_cast<std::uint64_t>(window.count())) {}

    void begin(std::uint64_t now_ns) {
        bytes_ = 0;
        until_ns_ = window_ns_ == 0 ? 0 : now_ns + window_ns_;
    }
    void count(std::size_t bytes) { bytes_ += bytes; }
    /// When to ask again; 0: no need.
    [[nodiscard]] std::uint64_t until_ns() const { return until_ns_; }
    [[nodiscard]] bool too_slow(std::uint64_t now_ns) {
        if (until_ns_ == 0 || now_ns < until_ns_) return false;
        // Divided first: a window of years must not overflow. Bytes of less than a millisecond do not matter.
        if (bytes_ < window_ns_ / 1'000'000 * kLeastBytesPerSecond / 1'000) return true;
        begin(now_ns);
        return false;
    }

private:
    std::uint64_t window_ns_;
    std::uint64_t until_ns_ = 0;
    std::uint64_t bytes_ = 0;
};

}   // namespace microengine::fetch
