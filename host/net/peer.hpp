// SPDX-License-Identifier: MIT
#pragma once
// Who is at the other end of a connection.

#include "host/util/endpoint.hpp"
#include "host/util/result.hpp"

#include <sys/types.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace microengine::net {

struct Peer {
    bool unix_socket = false;
    uid_t user = static_cast<uid_t>(-1);   ///< of a Unix socket: SO_PEERCRED
    util::IpAddress address{};             ///< of TCP
    std::string text;                      ///< "uid 33", "192.0.2.1": for logs, and to count by
};

/// Of a connected socket; nothing if it is gone already.
[[nodiscard]] std::optional<Peer> peer_of(int fd);

/// Names or numbers to user ids; an error names the one that does not exist. Main thread.
[[nodiscard]] util::Result<std::vector<uid_t>> users_of(std::span<const std::string> names,
                                                        std::string_view place);

}   // namespace microengine::net
