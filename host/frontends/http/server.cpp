// SPDX-License-Identifier: MIT
#include "host/frontends/http/server.hpp"

#include "host/frontends/http/connection.hpp"
#include "host/frontends/http/mount.hpp"
#include "host/frontends/http/routes.hpp"
#include "host/net/server.hpp"
#include "host/util/log.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <netinet/in.h>
#include <sys/socket.h>

#include <utility>

namespace microengine::http {

namespace {

using boost::system::error_code;

constexpr auto kLookAtBackends = std::chrono::seconds(1);

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

bool is_ours(std::string_view path) {
    const auto found = find_route("GET", path);
    const auto* mismatch = std::get_if<Mismatch>(&found);
    return mismatch == nullptr || mismatch->row != nullptr;
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
    Impl(Parts parts, std::vector<net::Listener> listeners)
        : hub(std::move(parts)),
          server({.io = hub.io,
                  .frontend = "http",
                  .max_connections = hub.settings().max_connections,
                  .admits = {},
                  .begin =
                      [this](Socket socket, net::Peer peer, std::uint64_t /*number*/) {
                          return begin(std::move(socket), std::move(peer));
                      },
                  .stopping = [this] { hub.stopping = true; }},
                 std::move(listeners)) {}

    void start() {
        asio::co_spawn(hub.io, [this] { return look_at_backends(); }, asio::detached);
        server.start();
    }

    std::shared_ptr<Connection> begin(Socket socket, net::Peer peer) {
        const auto tls = peer.unix_socket ? nullptr : hub.tls.get();
        const int fd = socket.native_handle();
        return std::make_shared<Connection>(hub, std::move(socket),
                                            tls ? tls->transport(fd) : plain_transport(fd), std::move(peer));
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

    Hub hub;
    net::Server server;   // ends before what its conversations use
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

util::Result<std::unique_ptr<HttpServer>> HttpServer::start(Parts parts,
                                                            std::vector<net::Listener> listeners) {
    const core::HttpSettings settings = parts.settings;
    if (parts.mount != nullptr)
        for (const std::string& path : parts.mount->paths())
            if (is_ours(path))
                return util::fail(util::Errc::config, path, "is a path of the HTTP API already");
    auto impl = std::make_unique<Impl>(std::move(parts), std::move(listeners));
    ME_CHECK(read_files(settings, impl->hub));
    for (const net::Listener& listener : impl->server.listeners()) {
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
    impl->start();
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::~HttpServer() {   // NOLINT(bugprone-exception-escape): a thread that cannot be joined is a bug
    impl_->server.end();
    if (impl_->hub.parts.mount != nullptr) impl_->hub.parts.mount->settle();
    impl_->hub.aside.join();
}

void HttpServer::stop_accepting() { impl_->server.stop_accepting(); }

bool HttpServer::drain(std::chrono::steady_clock::time_point until) { return impl_->server.drain(until); }

bool HttpServer::answers(std::chrono::steady_clock::time_point until) { return impl_->server.answers(until); }

util::Result<void> HttpServer::reload_files() { return read_files(impl_->hub.settings(), impl_->hub); }

engine::ReportListener& HttpServer::listener() { return impl_->hub.feed; }

}   // namespace microengine::http
