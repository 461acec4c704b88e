// SPDX-License-Identifier: MIT
#pragma once
// Something that one coroutine waits for. Only on the server's thread.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <utility>

namespace microengine::http {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

class Notice {
public:
    explicit Notice(asio::io_context& io) : timer_(io) {}
    void raise() {
        raised_ = true;
        timer_.cancel();
    }
    /// True: it was raised, and is down again; false: it is that time.
    asio::awaitable<bool> wait(Clock::time_point until = Clock::time_point::max()) {
        while (!raised_ && Clock::now() < until) {
            timer_.expires_at(until);
            boost::system::error_code ignored;
            co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        }
        co_return std::exchange(raised_, false);
    }

private:
    asio::steady_timer timer_;
    bool raised_ = false;
};

}   // namespace microengine::http
