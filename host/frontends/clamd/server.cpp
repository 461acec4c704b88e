// SPDX-License-Identifier: MIT
#include "host/frontends/clamd/server.hpp"

#include "host/frontends/clamd/connection.hpp"
#include "host/net/server.hpp"

#include <utility>

namespace microengine::clamd {

struct ClamdServer::Impl {
    Impl(Parts parts, AccessRules rules, Roots roots, std::vector<net::Listener> listeners)
        : hub(std::move(parts), std::move(rules), std::move(roots)),
          server({.io = hub.io,
                  .frontend = "clamd",
                  .max_connections = hub.settings().max_connections,
                  .admits = [this](const net::Peer& peer) { return hub.rules.of(peer).connect; },
                  .begin =
                      [this](Socket socket, net::Peer peer, std::uint64_t number) {
                          return std::make_shared<Connection>(hub, std::move(socket), std::move(peer),
                                                              number);
                      },
                  .stopping = {}},
                 std::move(listeners)) {}

    Hub hub;
    net::Server server;   // ends before what its conversations use
};

ClamdServer::ClamdServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

util::Result<std::unique_ptr<ClamdServer>> ClamdServer::start(Parts parts,
                                                              std::vector<net::Listener> listeners) {
    AccessRules rules = ME_TRY(AccessRules::make(parts.settings));
    Roots roots = ME_TRY(Roots::open(parts.settings));
    auto impl =
        std::make_unique<Impl>(std::move(parts), std::move(rules), std::move(roots), std::move(listeners));
    impl->server.start();
    return std::unique_ptr<ClamdServer>(new ClamdServer(std::move(impl)));
}

ClamdServer::~ClamdServer() {   // NOLINT(bugprone-exception-escape): a thread that cannot be joined is a bug
    impl_->server.end();
    impl_->hub.files.join();
}

void ClamdServer::stop_accepting() { impl_->server.stop_accepting(); }

bool ClamdServer::answers(std::chrono::steady_clock::time_point until) {
    return impl_->server.answers(until);
}

bool ClamdServer::drain(std::chrono::steady_clock::time_point until) { return impl_->server.drain(until); }

}   // namespace microengine::clamd
