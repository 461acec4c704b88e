// SPDX-License-Identifier: MIT
#pragma once
// One connection to the market: requests one after another, each answered as its script says. Only on the
// server's thread.

#include "host/frontends/ambassador/market.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <string>

namespace microengine::ambassador {

namespace asio = boost::asio;
using Protocol = asio::generic::stream_protocol;
using Socket = Protocol::socket;

class MarketSession {
public:
    /// `released` wakes its waiters when something is released.
    MarketSession(asio::io_context& io, Socket socket, Market& market, asio::steady_timer& released);
    /// Until the peer has gone; holds itself.
    asio::awaitable<void> run(std::shared_ptr<MarketSession> self);

private:
    struct Head {
        std::string method, target;
        bool keep = false;
    };
    asio::awaitable<bool> answer_one();
    asio::awaitable<bool> hand_out(Head head);
    asio::awaitable<bool> take(Head head, Received received);
    /// False: it was cut, or is never finished.
    asio::awaitable<bool> send(unsigned status, std::string fields, std::string_view body, bool keep);
    asio::awaitable<void> drip(const ArtifactScript& script);
    asio::awaitable<void> flood(const ArtifactScript& script);
    asio::awaitable<bool> write(std::string_view bytes);
    asio::awaitable<void> pause(milliseconds time);
    /// Until the peer closes.
    asio::awaitable<void> wait_for_end();

    asio::io_context& io_;
    Socket socket_;
    Market& market_;
    asio::steady_timer& released_;
    std::string in_;   // read, not yet used
};

}   // namespace microengine::ambassador
