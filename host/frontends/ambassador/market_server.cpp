// SPDX-License-Identifier: MIT
#include "host/frontends/ambassador/market_server.hpp"

#include "host/frontends/ambassador/market_session.hpp"
#include "host/util/endpoint.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <thread>
#include <utility>
#include <vector>

namespace microengine::ambassador {

namespace {

using boost::system::error_code;
using Acceptor = asio::basic_socket_acceptor<Protocol>;

util::Result<net::Listener> listen(const std::string& address) {
    const auto endpoint = util::parse_endpoint(address);
    if (!endpoint || endpoint->kind != util::Endpoint::Kind::tcp)
        return util::fail(util::Errc::usage, "--listen",
                          "'" + address + "' is no address: 127.0.0.1:0, 192.0.2.1:9000, [::1]:0");
    if (IN6_IS_ADDR_UNSPECIFIED(&endpoint->address) || util::to_text(endpoint->address) == "0.0.0.0")
        return util::fail(
            util::Errc::usage, "--listen",
            "'" + address + "' is every address; name the one that the engine is to connect to");
    net::Inherited nothing;
    const std::array addresses{address};
    auto listeners = ME_TRY(net::listen_on(addresses, {}, nothing));
    return std::move(listeners.front());
}

}   // namespace

struct MarketServer::Impl {
    Impl(Market& served, net::Listener given)
        : market(served),
          listener(std::move(given)),
          address(to_text(listener.endpoint)),
          // Which family it is does not matter to who accepts.
          acceptor(io, Protocol(AF_INET, 0), listener.fd.release()),
          released(io, Clock::time_point::max()) {}

    asio::awaitable<void> accept() {
        for (;;) {
            error_code error;
            Socket socket = co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
            if (error == asio::error::operation_aborted) co_return;
            if (error) continue;
            const auto session = std::make_shared<MarketSession>(io, std::move(socket), market, released);
            asio::co_spawn(io, [session] { return session->run(session); }, asio::detached);
        }
    }

    Market& market;
    net::Listener listener;
    std::string address;
    asio::io_context io{1};
    Acceptor acceptor;
    asio::steady_timer released;   // its waiters are woken when something is released
    std::jthread thread;           // last: it ends before what it uses
};

MarketServer::MarketServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

util::Result<std::unique_ptr<MarketServer>> MarketServer::start(Market& market, const std::string& address) {
    auto impl = std::make_unique<Impl>(market, ME_TRY(listen(address)));
    market.on_release(
        [&io = impl->io, &released = impl->released] { asio::post(io, [&released] { released.cancel(); }); });
    asio::co_spawn(impl->io, [raw = impl.get()] { return raw->accept(); }, asio::detached);
    impl->thread = std::jthread([raw = impl.get()] { raw->io.run(); });
    return std::unique_ptr<MarketServer>(new MarketServer(std::move(impl)));
}

MarketServer::~MarketServer() {   // NOLINT(bugprone-exception-escape): a thread that cannot be joined is a
                                  // bug
    impl_->market.on_release({});
    impl_->io.stop();
    impl_->thread.join();
}

const std::string& MarketServer::address() const { return impl_->address; }

util::Result<Trap> Trap::set(const std::string& beside) {
    return Trap(ME_TRY(listen(beside.substr(0, beside.rfind(':')) + ":0")));
}

std::size_t Trap::connections() {
    // The system has taken them for us; it does not block.
    for (;;) {
        const util::UniqueFd one(::accept4(listener_.fd.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!one) return seen_;
        ++seen_;
    }
}

}   // namespace microengine::ambassador
