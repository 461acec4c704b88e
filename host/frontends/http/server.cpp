// SPDX-License-Identifier: MIT
#include "host/frontends/http/server.hpp"

#include "host/frontends/http/connection.hpp"
#include "host/util/log.hpp"
#include "host/util/metrics.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <exception>
#include <future>
#include <map>
#include <thread>
#include <utility>

namespace microengine::http {

namespace {

using boost::system::error_code;
using Protocol = asio::generic::stream_protocol;
using Acceptor = asio::basic_socket_acceptor<Protocol>;

constexpr auto kAcceptPause = std::chrono::milliseconds(100);
constexpr auto kLookAtBackends = std::chrono::seconds(1);

Protocol protocol_of(const net::Listener& listener) {
    return listener.unix_socket ? Protocol(AF_UNIX, 0)
                                : Protocol(AF_INET6, 0);   // the family is not looked at
}

/// Where it is bound: of an inherited socket nothing else says so.
bool is_local(const net::Listener& listener) {
    if (listener.unix_socket) return true;
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    auto* generic = reinterpret_cast<sockaddr*>(&bound);   // NOLINT: as the system wants it
    if (::getsockname(listener.fd.get(), generic, &size) != 0) return false;
    if (bound.ss_family == AF_INET)
        return util::is_loopback(util::ip_of(reinterpret_cast<const sockaddr_in*>(&bound)->sin_addr));
    return bound.ss_family == AF_INET6 &&
           util::is_loopback(reinterpret_cast<const sockaddr_in6*>(&bound)->sin6_addr);
}

util::Result<void> read_files(const core::HttpSettings& settings, Hub& hub) {
    // Each by itself: a token that was withdrawn is gone, whatever became of the certificate.
    util::Result<void> outcome;
    if (!settings.tokens_file.empty()) {
        if (auto tokens = Tokens::load(settings.tokens_file))
            hub.tokens.set(std::make_shared<const Tokens>(*std::move(tokens)));
        else
            outcome = std::unexpected(std::move(tokens).error());
    }
    if (!settings.tls_certificate.empty()) {
        if (auto tls = TlsContext::load(settings.tls_certificate, settings.tls_key))
            hub.tls.set(*std::move(tls));
        else if (outcome)
            outcome = std::unexpected(std::move(tls).error());
    }
    return outcome;
}

}   // namespace

struct HttpServer::Impl {
    Impl(Parts parts, std::vector<net::Listener> given)
        : hub(std::move(parts)), listeners(std::move(given)) {}

    void open() {
        for (net::Listener& listener : listeners)
            acceptors.push_back(
                std::make_unique<Acceptor>(hub.io, protocol_of(listener), listener.fd.release()));
        for (const auto& acceptor : acceptors)
            asio::co_spawn(
                hub.io, [this, &acceptor = *acceptor] { return accept(acceptor); }, asio::detached);
        asio::co_spawn(hub.io, [this] { return look_at_backends(); }, asio::detached);
        thread = std::jthread([this] { hub.io.run(); });
    }

    asio::awaitable<void> accept(Acceptor& acceptor) {
        while (!hub.stopping) {
            while (connections.size() >= hub.settings().max_connections && !hub.stopping) {
                error_code ignored;
                co_await changed.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
            }
            error_code error;
            Socket socket = co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
            if (hub.stopping) co_return;
            if (!error) {
                admit(std::move(socket));
                continue;
            }
            if (error == asio::error::connection_aborted) continue;
            // No descriptor is free: those that end give some back.
            util::log(util::Level::warning, "http_accept_failed", {{"why", error.message()}});
            asio::steady_timer pause(hub.io, kAcceptPause);
            co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
        }
    }

    /// Of strangers one may not have them all; this machine's clients are behind one address or user.
    [[nodiscard]] bool has_share(const net::Peer& peer) const {
        if (peer.unix_socket || util::is_loopback(peer.address)) return true;
        const auto found = of_peer.find(peer.text);
        return found == of_peer.end() || found->second < std::max(1U, hub.settings().max_connections / 4);
    }

    void admit(Socket socket) {
        auto peer = net::peer_of(socket.native_handle());
        if (!peer) return;
        if (!has_share(*peer)) {
            util::count("http_refused_total", {{"reason", "peer_share"}});
            util::log(util::Level::info, "http_refused", {{"peer", peer->text}, {"reason", "peer_share"}});
            return;
        }
        error_code ignored;
        socket.non_blocking(true, ignored);   // NOLINT(bugprone-unused-return-value): it is in `ignored`
        if (!peer->unix_socket) {
            const int on = 1;   // an answer is written whole
            (void)::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        }
        const auto tls = peer->unix_socket ? nullptr : hub.tls.get();
        auto transport =
            tls ? tls->transport(socket.native_handle()) : plain_transport(socket.native_handle());
        const std::uint64_t number = ++admitted;
        const std::string name = peer->text;
        auto connection =
            std::make_shared<Connection>(hub, std::move(socket), std::move(transport), *std::move(peer));
        connections.emplace(number, connection);
        ++of_peer[name];
        util::gauge("http_connections", {}, static_cast<double>(connections.size()));
        asio::co_spawn(
            hub.io, [connection] { return connection->run(); },
            [this, number, name](const std::exception_ptr& failure) { ended(number, name, failure); });
    }

    void ended(std::uint64_t number, const std::string& peer, const std::exception_ptr& failure) {
        try {
            if (failure) std::rethrow_exception(failure);
        } catch (const std::exception& e) {
            util::log(util::Level::error, "http_connection_failed", {{"peer", peer}, {"why", e.what()}});
        }
        const auto found = connections.find(number);
        if (found != connections.end()) {
            found->second->close();
            connections.erase(found);
        }
        if (--of_peer[peer] == 0) of_peer.erase(peer);
        util::gauge("http_connections", {}, static_cast<double>(connections.size()));
        changed.cancel();
        if (hub.stopping && connections.empty()) all_ended.set_value();
    }

    /// Nobody tells of their states, so those who listen have them looked at.
    asio::awaitable<void> look_at_backends() {
        asio::steady_timer pause(hub.io);
        const std::function<std::vector<engine::BackendStatus>()> question = [this] {
            return hub.parts.operations.backends();
        };
        while (!hub.stopping) {
            pause.expires_after(kLookAtBackends);
            error_code ignored;
            co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
            if (!hub.feed.anybody()) {
                hub.told_states.clear();
                continue;
            }
            const auto backends = co_await hub.ask(question);
            for (const engine::BackendStatus& backend : backends) {
                std::string data = backend_event(backend);
                std::string& told = hub.told_states[backend.facts->policy.name];
                if (told != data) hub.feed.publish("backend", data);
                told = std::move(data);
            }
        }
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
        for (const auto& [number, connection] : connections) connection->stop();
    }

    Hub hub;
    std::vector<net::Listener> listeners;   // their descriptors are the acceptors'
    std::vector<std::unique_ptr<Acceptor>> acceptors;
    std::map<std::uint64_t, std::shared_ptr<Connection>> connections;
    std::map<std::string, unsigned> of_peer;
    std::uint64_t admitted = 0;
    // Its waiters are woken when a connection ends.
    asio::steady_timer changed{hub.io, Clock::time_point::max()};
    std::promise<void> all_ended;
    std::future<void> ended_future = all_ended.get_future();
    std::jthread thread;   // last: it ends before what it uses
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

util::Result<std::unique_ptr<HttpServer>> HttpServer::start(Parts parts,
                                                            std::vector<net::Listener> listeners) {
    const core::HttpSettings settings = parts.settings;
    auto impl = std::make_unique<Impl>(std::move(parts), std::move(listeners));
    ME_CHECK(read_files(settings, impl->hub));
    for (const net::Listener& listener : impl->listeners) {
        if (is_local(listener)) continue;
        if (settings.tokens_file.empty())
            return util::fail(util::Errc::config, to_text(listener.endpoint),
                              "can be reached from other machines, and nobody is asked who he is; set "
                              "http.tokens_file");
        if (settings.tls_certificate.empty())
            util::log(util::Level::warning, "http_without_tls",
                      {{"address", to_text(listener.endpoint)},
                       {"why", "tokens and artifacts can be read on their way"}});
    }
    impl->open();
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::~HttpServer() {   // NOLINT(bugprone-exception-escape): a thread that cannot be joined is a bug
    stop_accepting();
    impl_->hub.io.stop();
    impl_->thread.join();
    impl_->hub.aside.join();
}

void HttpServer::stop_accepting() {
    asio::post(impl_->hub.io, [impl = impl_.get()] { impl->stop(); });
}

bool HttpServer::drain(std::chrono::steady_clock::time_point until) {
    stop_accepting();
    if (impl_->ended_future.wait_until(until) == std::future_status::ready) return true;
    asio::post(impl_->hub.io, [impl = impl_.get()] {
        for (const auto& [number, connection] : impl->connections) connection->close();
    });
    return false;
}

util::Result<void> HttpServer::reload_files() { return read_files(impl_->hub.settings(), impl_->hub); }

bool HttpServer::answers(std::chrono::steady_clock::time_point until) {
    const auto answered = std::make_shared<std::promise<void>>();   // shared with what may come too late
    const auto future = answered->get_future();
    asio::post(impl_->hub.io, [answered] { answered->set_value(); });
    return future.wait_until(until) == std::future_status::ready;
}

engine::ReportListener& HttpServer::listener() { return impl_->hub.feed; }

}   // namespace microengine::http
