// SPDX-License-Identifier: MIT
#pragma once
// Addresses that servers listen on and networks that may connect to them, as text in a configuration says.

#include <netinet/in.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace microengine::util {

/// Addresses of both families in one form: IPv4 as ::ffff:a.b.c.d (RFC 4291, 2.5.5.2).
using IpAddress = in6_addr;

struct Endpoint {
    enum class Kind : std::uint8_t {
        tcp,
        unix_path,
        inherited,   ///< a socket that systemd opened, by its FileDescriptorName
    };
    Kind kind = Kind::tcp;
    IpAddress address{};   ///< tcp
    std::uint16_t port = 0;
    std::string name;   ///< the path, or the name of an inherited socket

    /// Can only this machine reach it?
    [[nodiscard]] bool local() const;
};

/// "/run/x.sock" or "unix:/run/x.sock"; "127.0.0.1:3310", "[::1]:3310"; "systemd:NAME".
[[nodiscard]] std::optional<Endpoint> parse_endpoint(std::string_view text);
/// The way back: "127.0.0.1:3310".
[[nodiscard]] std::string to_text(const Endpoint& endpoint);

struct Network {
    IpAddress address{};
    unsigned prefix = 128;   ///< bits, of the 128-bit form

    [[nodiscard]] bool contains(const IpAddress& peer) const;
};

/// "10.0.0.0/8", "fd00::/8", "192.0.2.1".
[[nodiscard]] std::optional<Network> parse_network(std::string_view text);

[[nodiscard]] IpAddress ip_of(const in_addr& v4);
[[nodiscard]] bool is_loopback(const IpAddress& address);
/// "192.0.2.1", "2001:db8::1".
[[nodiscard]] std::string to_text(const IpAddress& address);

}   // namespace microengine::util
