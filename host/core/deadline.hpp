// SPDX-License-Identifier: MIT
#pragma once
// An absolute time by which something must be done; a timeout is a duration.

#include "host/util/clock.hpp"

#include <chrono>
#include <cstdint>
#include <limits>

namespace microengine::core {

class Deadline {
public:
    /// None: never passes.
    constexpr Deadline() = default;
    /// As the ABI counts: CLOCK_MONOTONIC, 0 = none.
    constexpr explicit Deadline(std::uint64_t monotonic_ns) : ns_(monotonic_ns) {}
    static Deadline after(std::chrono::nanoseconds timeout) {
        return Deadline(util::monotonic_ns() + static_cast<std::uint64_t>(timeout.count()));
    }
    [[nodiscard]] constexpr std::uint64_t ns() const { return ns_; }
    [[nodiscard]] constexpr bool exists() const { return ns_ != 0; }
    [[nodiscard]] bool passed() const { return exists() && util::monotonic_ns() >= ns_; }
    [[nodiscard]] std::chrono::nanoseconds left() const {
        if (!exists()) return std::chrono::nanoseconds::max();
        const std::uint64_t now = util::monotonic_ns();
        return std::chrono::nanoseconds(now >= ns_ ? 0 : static_cast<std::int64_t>(ns_ - now));
    }
    [[nodiscard]] constexpr Deadline earlier(Deadline other) const {
        if (!exists()) return other;
        if (!other.exists()) return *this;
        return ns_ < other.ns_ ? *this : other;
    }

private:
    std::uint64_t ns_ = 0;
};

}   // namespace microengine::core
