// SPDX-License-Identifier: MIT
#include "host/frontends/clamd/server.hpp"

#include "host/frontends/clamd/connection.hpp"
#include "host/frontends/clamd/shares.hpp"
#include "host/util/log.hpp"
#include "host/util/metrics.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <exception>
#include <future>
#include <map>
#include <thread>
#include <utility>

namespace microengine::clamd {

namespace {

using boost::system::error_code;
using Protocol = asio::generic::stream_protocol;
using Acceptor = asio::basic_socket_acceptor<Protocol>;

constexpr auto kAcceptPause = std::chrono::milliseconds(100);

Protocol protocol_of(const net::Listener& listener) {
    return listener.unix_socket ? Protocol(AF_UNIX, 0)
                                : Protocol(AF_INET6, 0);   // the family is not looked at
}

}   // namespace

struct ClamdServer::Impl {
    Impl(Parts parts, AccessRules rules, Roots roots, std::vector<net::Listener> given)
        : hub(std::move(parts), std::move(rules), std::move(roots)),
          listeners(std::move(given)),
          shares(hub.settings().max_connections),
          changed(hub.io, Clock::time_point::max()) {
        for (net::Listener& listener : listeners)
            acceptors.push_back(
                std::make_unique<Acceptor>(hub.io, protocol_of(listener), listener.fd.release()));
        for (const auto& acceptor : acceptors)
            asio::co_spawn(
                hub.io, [this, &acceptor = *acceptor] { return accept(acceptor); }, asio::detached);
    }

    asio::awaitable<void> room() {
        while (connections.size() >= hub.settings().max_connections && !hub.stopping) {
            error_code ignored;
            co_await changed.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        }
    }

    asio::awaitable<void> accept(Acceptor& acceptor) {
        while (!hub.stopping) {
            co_await room();
            error_code error;
            Socket socket = co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
            co_await room();   // another address may have got the last one meanwhile
            if (hub.stopping) co_return;
            if (!error) {
                admit(std::move(socket));
                continue;
            }
            if (error == asio::error::connection_aborted) continue;
            // No descriptor is free: those that end give some back.
            util::log(util::Level::warning, "clamd_accept_failed", {{"why", error.message()}});
            asio::steady_timer pause(hub.io, kAcceptPause);
            co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
        }
    }

    void admit(Socket socket) {
        auto peer = net::peer_of(socket.native_handle());
        if (!peer) return;
        (void)::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);   // Asio does not ask for it
        const bool allowed = hub.rules.of(*peer).connect;
        if (!allowed || !shares.enter(*peer)) {
            util::count("clamd_refused_total", {{"reason", allowed ? "peer_share" : "peer"}});
            util::log(util::Level::info, "clamd_refused",
                      {{"peer", peer->text},
                       {"why", allowed ? "has its share of connections" : "not allowed to connect"}});
            return;
        }
        error_code ignored;
        socket.non_blocking(true, ignored);   // NOLINT(bugprone-unused-return-value): it is in `ignored`
        if (!peer->unix_socket) {
            const int on = 1;   // a reply is one small packet
            (void)::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        }
        const std::uint64_t number = ++admitted;
        const std::string name = peer->text;
        util::log(util::Level::debug, "clamd_connected",
                  {{"connection", std::to_string(number)}, {"peer", name}});
        auto connection = std::make_shared<Connection>(hub, std::move(socket), *std::move(peer), number);
        connections.emplace(number, connection);
        util::gauge("clamd_connections", {}, static_cast<double>(connections.size()));
        asio::co_spawn(
            hub.io, [connection] { return connection->run(); },
            [this, number, name](const std::exception_ptr& failure) { ended(number, name, failure); });
    }

    void ended(std::uint64_t number, const std::string& peer, const std::exception_ptr& failure) {
        try {
            if (failure) std::rethrow_exception(failure);
        } catch (const std::exception& e) {
            util::log(util::Level::error, "clamd_connection_failed", {{"peer", peer}, {"why", e.what()}});
        }
        const auto found = connections.find(number);
        if (found != connections.end()) {
            found->second->close();
            connections.erase(found);
        }
        shares.leave(peer);
        util::gauge("clamd_connections", {}, static_cast<double>(connections.size()));
        changed.cancel();
        if (hub.stopping && connections.empty()) all_ended.set_value();
    }

    void stop() {
        if (std::exchange(hub.stopping, true)) return;
        for (const auto& acceptor : acceptors) {
            error_code ignored;
            acceptor->close(ignored);   // NOLINT(bugprone-unused-return-value): it is in `ignored`
        }
        net::remove_paths(listeners);
        changed.cancel();
        if (connections.empty()) all_ended.set_value();
        for (const auto& [number, connection] : connections) connection->stop_reading();
    }

    Hub hub;
    std::vector<net::Listener> listeners;   // their descriptors are the acceptors'
    std::vector<std::unique_ptr<Acceptor>> acceptors;
    std::map<std::uint64_t, std::shared_ptr<Connection>> connections;
    Shares shares;
    std::uint64_t admitted = 0;
    asio::steady_timer changed;   // its waiters are woken when a connection ends
    std::promise<void> all_ended;
    std::future<void> ended_future = all_ended.get_future();
    std::jthread thread;   // last: it ends before what it uses
};

ClamdServer::ClamdServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {
    impl_->thread = std::jthread([impl = impl_.get()] {
        // Not by itself: all that is left may be a scan, whose reply comes from another thread.
        const auto work = asio::make_work_guard(impl->hub.io);
        impl->hub.io.run();
    });
}

util::Result<std::unique_ptr<ClamdServer>> ClamdServer::start(Parts parts,
                                                              std::vector<net::Listener> listeners) {
    AccessRules rules = ME_TRY(AccessRules::make(parts.settings));
    Roots roots = ME_TRY(Roots::open(parts.settings));
    auto impl =
        std::make_unique<Impl>(std::move(parts), std::move(rules), std::move(roots), std::move(listeners));
    return std::unique_ptr<ClamdServer>(new ClamdServer(std::move(impl)));
}

ClamdServer::~ClamdServer() {   // NOLINT(bugprone-exception-escape): a thread that cannot be joined is a bug
    stop_accepting();
    impl_->hub.io.stop();
    impl_->thread.join();
    impl_->hub.files.join();
}

void ClamdServer::stop_accepting() {
    asio::post(impl_->hub.io, [impl = impl_.get()] { impl->stop(); });
}

bool ClamdServer::answers(std::chrono::steady_clock::time_point until) {
    auto answered = std::make_shared<std::promise<void>>();   // it may answer when nobody waits any more
    auto future = answered->get_future();
    asio::post(impl_->hub.io, [answered] { answered->set_value(); });
    return future.wait_until(until) == std::future_status::ready;
}

bool ClamdServer::drain(std::chrono::steady_clock::time_point until) {
    stop_accepting();
    if (impl_->ended_future.wait_until(until) == std::future_status::ready) return true;
    asio::post(impl_->hub.io, [impl = impl_.get()] {
        for (const auto& [number, connection] : impl->connections) connection->close();
    });
    return false;
}

}   // namespace microengine::clamd
