// SPDX-License-Identifier: MIT
#pragma once
// Sockets that wait for clients: opened here, or by systemd before we began (sd_listen_fds(3)).

#include "host/util/endpoint.hpp"
#include "host/util/result.hpp"
#include "host/util/unique_fd.hpp"

#include <span>
#include <string>
#include <vector>

namespace microengine::net {

struct ListenOptions {
    std::string socket_mode = "0660";   ///< of a Unix socket, octal
    std::string socket_group;           ///< empty: unchanged
};

struct Listener {
    util::UniqueFd fd;         ///< listens, close-on-exec, does not block
    util::Endpoint endpoint;   ///< with the port that the system chose, where 0 was asked for
    bool unix_socket = false;
    bool ours = false;   ///< a path to be removed at the end
};

/// The sockets that systemd handed over, by name; each can be taken once. Main thread.
class Inherited {
public:
    /// From LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES, which it removes: children must not see them.
    Inherited();
    /// All sockets of that name; none: an empty list.
    [[nodiscard]] std::vector<util::UniqueFd> take(const std::string& name);

private:
    struct Named {
        std::string name;
        util::UniqueFd fd;
    };
    std::vector<Named> sockets_;
};

/// All of them or the first error, which names the address. A path that another server listens on is an
/// error; one that is left over from an ended server is replaced.
[[nodiscard]] util::Result<std::vector<Listener>> listen_on(std::span<const std::string> addresses,
                                                            const ListenOptions& options,
                                                            Inherited& inherited);

/// Removes the paths of our own sockets.
void remove_paths(std::span<const Listener> listeners);

}   // namespace microengine::net
