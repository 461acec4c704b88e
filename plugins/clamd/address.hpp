// SPDX-License-Identifier: MIT
#pragma once
// Where clamd listens, found once, while opening: a worker asks no name service.

#include <sys/socket.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::clamd {

struct HostPort {
    std::string host, port;
};
/// "host:3310", "192.0.2.1:3310", "[2001:db8::1]:3310". Nothing: it is neither. Pure.
[[nodiscard]] std::optional<HostPort> parse_host_port(std::string_view text);

/// One that a socket can be connected to.
struct Address {
    sockaddr_storage bytes{};
    socklen_t size = 0;
    std::string shown;   ///< for messages

    [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&bytes); }
    [[nodiscard]] int family() const { return bytes.ss_family; }
};

/// Throws microengine::Error at setting `socket`: the path is too long, or no socket.
[[nodiscard]] Address address_of_socket(const std::string& path);
/// Asks the name service; in its order of preference, never empty. Throws microengine::Error at setting
/// `address`.
[[nodiscard]] std::vector<Address> addresses_of(const std::string& address);

}   // namespace microengine::clamd
