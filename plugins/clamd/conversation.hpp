// SPDX-License-Identifier: MIT
#pragma once
// One connection to clamd: one command, what goes with it, one answer. Waits in slices, so that who wants it
// to end is heard.

#include "address.hpp"
#include "plugins/support/fd.hpp"

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::clamd {

/// Until when, and who may end it before.
struct Patience {
    std::chrono::steady_clock::time_point until;
    std::function<void()> check;   ///< asked every 20 ms at least; throws to end it
};

/// Throws microengine::Error whatever goes wrong: ME_E_DEADLINE when time is up, else ME_E_FAILED. One
/// thread.
class Conversation {
public:
    /// Connects to the first address that answers; each of several has its share of the time.
    Conversation(const std::vector<Address>& addresses, Patience patience);

    /// False: it does not take more. It may have answered already; answer() tells.
    [[nodiscard]] bool send(std::string_view bytes);
    /// Up to the zero byte that must end it, which must be the last byte before it closes or waits.
    [[nodiscard]] std::string answer();

private:
    using Time = std::chrono::steady_clock::time_point;
    [[nodiscard]] bool connect(const Address& address, Time until);
    [[noreturn]] void late() const;
    void wait(short events);
    [[nodiscard]] bool wait(short events, Time until);

    std::string shown_;   // whom it talks to
    Patience patience_;
    Fd socket_;
};

/// "PING" and the like: asked and answered on a connection of its own.
[[nodiscard]] std::string ask(const std::vector<Address>& addresses, std::string_view command,
                              Patience patience);

}   // namespace microengine::clamd
