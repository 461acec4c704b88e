// SPDX-License-Identifier: MIT
#pragma once
// How many bounties are taken on in a second, minute, hour and day. One thread at a time.

#include "host/bounty/settings.hpp"
#include "host/frontends/polyswarm/windows.hpp"

#include <cstdint>
#include <vector>

namespace microengine::polyswarm {

class Rates {
public:
    explicit Rates(const bounty::RateLimits& limits);
    /// One that was taken before: after a restart, of the journal.
    void count(std::int64_t at_ms);
    /// One more, if there is room for it in every window: then it is counted.
    [[nodiscard]] bool take(std::int64_t now_ms);

private:
    struct Limit {
        Window window;
        std::uint32_t most;
    };
    std::vector<Limit> limits_;   // those that are set
};

}   // namespace microengine::polyswarm
