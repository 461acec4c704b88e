// SPDX-License-Identifier: MIT
#pragma once
// Hands out the market's artifacts and takes replies, over HTTP, on one thread of its own.

#include "host/frontends/ambassador/market.hpp"
#include "host/net/listen.hpp"
#include "host/util/result.hpp"

#include <memory>
#include <string>

namespace microengine::ambassador {

class MarketServer {
public:
    /// Serves from here on. `market` outlives it. `address`: "127.0.0.1:0", TCP. Main thread.
    [[nodiscard]] static util::Result<std::unique_ptr<MarketServer>> start(Market& market,
                                                                           const std::string& address);
    /// Cuts what is in work.
    ~MarketServer();
    MarketServer(const MarketServer&) = delete;
    MarketServer& operator=(const MarketServer&) = delete;

    /// "127.0.0.1:41234", with the port that the system chose.
    [[nodiscard]] const std::string& address() const;

private:
    struct Impl;
    explicit MarketServer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// A server that nobody may reach: it listens, and counts who connects. One thread at a time.
class Trap {
public:
    /// On this address' host, with a port of its own.
    [[nodiscard]] static util::Result<Trap> set(const std::string& beside);
    [[nodiscard]] std::uint16_t port() const { return listener_.endpoint.port; }
    /// All there were so far.
    [[nodiscard]] std::size_t connections();

private:
    explicit Trap(net::Listener listener) : listener_(std::move(listener)) {}
    net::Listener listener_;
    std::size_t seen_ = 0;
};

}   // namespace microengine::ambassador
