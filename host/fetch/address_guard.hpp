// SPDX-License-Identifier: MIT
#pragma once
// Which addresses may be connected to for somebody outside: public ones, and those the operator allows.
// Without it a bounty could have us read a cloud's metadata or post into the private network (SSRF). Pure;
// any thread.

#include "host/util/endpoint.hpp"
#include "host/util/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::fetch {

/// Not loopback, private, shared, link-local, documentation, benchmarking, multicast, reserved or a tunnel's
/// (IANA's special-purpose registries). IPv4-mapped and NAT64 addresses are judged by the IPv4 within.
[[nodiscard]] bool is_public(const util::IpAddress& address);

class AddressGuard {
public:
    AddressGuard() = default;   ///< only public addresses
    /// "store.example", "store.example:9000", "127.0.0.1", "[::1]:9000", "10.1.0.0/16". A name allows
    /// whatever it resolves to. The error (Errc::config) quotes the entry that is none of these.
    [[nodiscard]] static util::Result<AddressGuard> make(std::span<const std::string> allow_hosts);

    /// `host` as the URL names it, without brackets; asked for each address that is connected to.
    [[nodiscard]] bool allows(const util::IpAddress& address, std::uint16_t port,
                              std::string_view host) const;

private:
    struct Allowed {
        std::string host;   ///< lower case; empty: `network` says it
        util::Network network{};
        std::uint16_t port = 0;   ///< 0: any
    };
    std::vector<Allowed> allowed_;
};

}   // namespace microengine::fetch
