// SPDX-License-Identifier: MIT
#pragma once
// Who may do what. The protocol knows no passwords: what a client is told apart by is the socket it came
// through, its address, and on a Unix socket its user.

#include "host/core/serve_settings.hpp"
#include "host/frontends/clamd/protocol.hpp"
#include "host/net/peer.hpp"
#include "host/util/endpoint.hpp"
#include "host/util/result.hpp"

#include <string>
#include <vector>

namespace microengine::clamd {

/// What one connection may use.
struct Access {
    bool connect = false;
    bool fildes = false, paths = false, stats = false, reload = false, shutdown = false;

    [[nodiscard]] bool may(Word word) const;
    /// "SCAN PING …": for VERSIONCOMMANDS.
    [[nodiscard]] std::string commands() const;
};

/// Immutable; any thread.
class AccessRules {
public:
    /// An error names a user that does not exist. Main thread.
    [[nodiscard]] static util::Result<AccessRules> make(const core::ClamdSettings& settings);
    [[nodiscard]] Access of(const net::Peer& peer) const;

private:
    bool paths_, paths_on_tcp_, allow_shutdown_;
    std::vector<uid_t> users_;   // empty: all
    std::vector<uid_t> admins_;
    std::vector<util::Network> networks_;   // empty: this machine
};

}   // namespace microengine::clamd
