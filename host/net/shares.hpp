// SPDX-License-Identifier: MIT
#pragma once
// How many connections each peer has: of strangers one may not have them all.

#include "host/net/peer.hpp"

#include <cstddef>
#include <map>
#include <string>

namespace microengine::net {

/// One thread at a time.
class Shares {
public:
    /// A quarter of `connections` is a stranger's share, one at least.
    explicit Shares(std::size_t connections);

    /// False: it has its share already. This machine's clients are behind one address or user, and bounded
    /// only all together.
    [[nodiscard]] bool enter(const Peer& peer);
    /// Of one that entered; by the text of its peer.
    void leave(const std::string& peer);

private:
    std::size_t share_;
    std::map<std::string, std::size_t> of_peer_;
};

}   // namespace microengine::net
