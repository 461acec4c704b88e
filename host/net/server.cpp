// SPDX-License-Identifier: MIT
#include "host/net/server.hpp"

#include "host/util/log.hpp"
#include "host/util/metrics.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <utility>

namespace microengine::net {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Protocol = asio::generic::stream_protocol;

constexpr auto kAcceptPause = std::chrono::milliseconds(100);

Protocol protocol_of(const Listener& listener) {
    return listener.unix_socket ? Protocol(AF_UNIX, 0)
                                : Protocol(AF_INET6, 0);   // the family is not looked at
}

}   // namespace

Server::Server(Parts parts, std::vector<Listener> listeners)
    : parts_(std::move(parts)),
      listeners_(std::move(listeners)),
      shares_(parts_.max_connections),
      work_(parts_.io.get_executor()),
      changed_(parts_.io, std::chrono::steady_clock::time_point::max()) {}

void Server::start() {
    for (Listener& listener : listeners_)
        acceptors_.push_back(
            std::make_unique<Acceptor>(parts_.io, protocol_of(listener), listener.fd.release()));
    for (const auto& acceptor : acceptors_)
        asio::co_spawn(parts_.io, [this, &acceptor = *acceptor] { return accept(acceptor); }, asio::detached);
    thread_ = std::jthread([this] { parts_.io.run(); });
}

asio::awaitable<void> Server::room() {
    while (conversations_.size() >= parts_.max_connections && !stopping_) {
        error_code ignored;
        co_await changed_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
}

asio::awaitable<void> Server::accept(Acceptor& acceptor) {
    while (!stopping_) {
        co_await room();
        error_code error;
        Socket socket = co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
        co_await room();   // another address may have got the last one meanwhile
        if (stopping_) co_return;
        if (!error) {
            try {
                admit(std::move(socket));
            } catch (const std::exception& e) {   // no memory: others are served
                util::log(util::Level::error, parts_.frontend + "_accept_failed", {{"why", e.what()}});
            }
            continue;
        }
        if (error == asio::error::connection_aborted) continue;
        // No descriptor is free: those that end give some back.
        util::log(util::Level::warning, parts_.frontend + "_accept_failed", {{"why", error.message()}});
        asio::steady_timer pause(parts_.io, kAcceptPause);
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
    }
}

void Server::refuse(const Peer& peer, std::string_view reason) const {
    util::count(parts_.frontend + "_refused_total", {{"reason", reason}});
    util::log(util::Level::info, parts_.frontend + "_refused",
              {{"peer", peer.text}, {"reason", std::string(reason)}});
}

void Server::admit(Socket socket) {
    auto peer = peer_of(socket.native_handle());
    if (!peer) return;
    if (parts_.admits && !parts_.admits(*peer)) return refuse(*peer, "peer");
    if (!shares_.enter(*peer)) return refuse(*peer, "peer_share");
    const std::string name = peer->text;
    (void)::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);   // Asio does not ask for it
    error_code ignored;
    socket.non_blocking(true, ignored);   // NOLINT(bugprone-unused-return-value): it is in `ignored`
    if (!peer->unix_socket) {
        const int on = 1;   // an answer is written whole
        (void)::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    const std::uint64_t number = ++admitted_;
    util::log(util::Level::debug, parts_.frontend + "_connected",
              {{"connection", std::to_string(number)}, {"peer", name}});
    std::shared_ptr<Conversation> conversation;
    try {
        conversation = parts_.begin(std::move(socket), *std::move(peer), number);
    } catch (...) {
        shares_.leave(name);
        throw;
    }
    conversations_.emplace(number, conversation);
    tell_count();
    asio::co_spawn(
        parts_.io, [conversation] { return conversation->run(); },
        [this, number, name](const std::exception_ptr& failure) { ended(number, name, failure); });
}

void Server::ended(std::uint64_t number, const std::string& peer, const std::exception_ptr& failure) {
    try {
        if (failure) std::rethrow_exception(failure);
    } catch (const std::exception& e) {
        util::log(util::Level::error, parts_.frontend + "_connection_failed",
                  {{"peer", peer}, {"why", e.what()}});
    }
    const auto found = conversations_.find(number);
    if (found != conversations_.end()) {
        found->second->close();
        conversations_.erase(found);
    }
    shares_.leave(peer);
    tell_count();
    changed_.cancel();
    if (stopping_ && conversations_.empty()) all_ended_.set_value();
}

void Server::tell_count() const {
    util::gauge(parts_.frontend + "_connections", {}, static_cast<double>(conversations_.size()));
}

void Server::stop() {
    if (std::exchange(stopping_, true)) return;
    if (parts_.stopping) parts_.stopping();
    for (const auto& acceptor : acceptors_) {
        error_code ignored;
        acceptor->close(ignored);   // NOLINT(bugprone-unused-return-value): it is in `ignored`
    }
    remove_paths(listeners_);
    changed_.cancel();
    if (conversations_.empty()) all_ended_.set_value();
    for (const auto& [number, conversation] : conversations_) conversation->stop();
}

void Server::stop_accepting() {
    asio::post(parts_.io, [this] { stop(); });
}

bool Server::drain(std::chrono::steady_clock::time_point until) {
    stop_accepting();
    if (ended_future_.wait_until(until) == std::future_status::ready) return true;
    asio::post(parts_.io, [this] {
        for (const auto& [number, conversation] : conversations_) conversation->close();
    });
    return false;
}

bool Server::answers(std::chrono::steady_clock::time_point until) {
    const auto answered = std::make_shared<std::promise<void>>();   // shared with what may come too late
    const auto future = answered->get_future();
    asio::post(parts_.io, [answered] { answered->set_value(); });
    return future.wait_until(until) == std::future_status::ready;
}

void Server::end() {
    if (!thread_.joinable()) return remove_paths(listeners_);   // it never began
    stop_accepting();
    parts_.io.stop();
    thread_.join();
}

}   // namespace microengine::net
