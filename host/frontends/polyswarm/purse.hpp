// SPDX-License-Identifier: MIT
#pragma once
// What may still be bet. The marketplace takes a bid at once and pays its rewards weeks later, so a bad
// signature could empty a wallet in an hour: within each window at most the budget is bid, won or lost. One
// thread at a time.

#include "host/bounty/settings.hpp"
#include "host/frontends/polyswarm/windows.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::polyswarm {

class Purse {
public:
    explicit Purse(const bounty::EngineSettings& engine);
    /// What was bid before: after a restart, of the journal.
    void spent(std::int64_t at_ms, bounty::Wei bid);

    /// The bid that is wished for; where it does not fit the least that the rules allow; where not even that
    /// does, nothing. Not yet spent.
    [[nodiscard]] std::optional<bounty::Wei> afford(bounty::Wei wish, const bounty::Rules& rules,
                                                    std::int64_t now_ms);

    struct Left {
        std::string_view window;   ///< "hour", "day"
        bounty::Wei left;
        bounty::Wei budget;
    };
    /// Of each budget that is set.
    [[nodiscard]] std::vector<Left> left(std::int64_t now_ms);

private:
    struct Budget {
        std::string_view name;
        Window window;
        bounty::Wei most;
    };
    [[nodiscard]] bool fits(bounty::Wei bid, std::int64_t now_ms);

    std::optional<bounty::Wei> max_bid_;
    std::vector<Budget> budgets_;
};

}   // namespace microengine::polyswarm
