// SPDX-License-Identifier: MIT
#include "host/net/shares.hpp"

#include <algorithm>

namespace microengine::net {

Shares::Shares(std::size_t connections) : share_(std::max<std::size_t>(1, connections / 4)) {}

bool Shares::enter(const Peer& peer) {
    std::size_t& taken = of_peer_[peer.text];
    const bool stranger = !peer.unix_socket && !util::is_loopback(peer.address);
    if (stranger && taken >= share_) return false;
    ++taken;
    return true;
}

void Shares::leave(const std::string& peer) {
    const auto found = of_peer_.find(peer);
    if (found != of_peer_.end() && --found->second == 0) of_peer_.erase(found);
}

}   // namespace microengine::net
