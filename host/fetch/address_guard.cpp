// SPDX-License-Identifier: MIT
#include "host/fetch/address_guard.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <utility>

namespace microengine::fetch {

namespace {

using util::IpAddress;
using util::Network;

constexpr std::size_t kLongestName = 253;
constexpr std::size_t kLongestLabel = 63;
constexpr std::size_t kMappedBytes = 12;
constexpr unsigned kMappedBits = 96;

struct FourBytes {
    std::array<std::uint8_t, 4> address;
    unsigned prefix;
};
// What IANA's registry calls not globally reachable, multicast, and the relays of 6to4.
constexpr std::array kClosedFour{
    FourBytes{.address = {0, 0, 0, 0}, .prefix = 8},          // this network
    FourBytes{.address = {10, 0, 0, 0}, .prefix = 8},         // private
    FourBytes{.address = {100, 64, 0, 0}, .prefix = 10},      // shared, behind a carrier's NAT
    FourBytes{.address = {127, 0, 0, 0}, .prefix = 8},        // loopback
    FourBytes{.address = {168, 63, 129, 16}, .prefix = 32},   // the host of every machine in Azure
    FourBytes{.address = {169, 254, 0, 0}, .prefix = 16},     // link-local, the metadata of clouds
    FourBytes{.address = {172, 16, 0, 0}, .prefix = 12},      // private
    FourBytes{.address = {192, 0, 0, 0}, .prefix = 24},       // protocol assignments
    FourBytes{.address = {192, 0, 2, 0}, .prefix = 24},       // documentation
    FourBytes{.address = {192, 88, 99, 0}, .prefix = 24},     // 6to4
    FourBytes{.address = {192, 168, 0, 0}, .prefix = 16},     // private
    FourBytes{.address = {198, 18, 0, 0}, .prefix = 15},      // benchmarking
    FourBytes{.address = {198, 51, 100, 0}, .prefix = 24},    // documentation
    FourBytes{.address = {203, 0, 113, 0}, .prefix = 24},     // documentation
    FourBytes{.address = {224, 0, 0, 0}, .prefix = 4},        // multicast
    FourBytes{.address = {240, 0, 0, 0}, .prefix = 4},        // reserved, broadcast
};

struct SixBytes {
    std::array<std::uint8_t, 4> address;   // its first ones; the others are 0
    unsigned prefix;
};
// Global unicast is all that is ever routed; within it these are not.
constexpr SixBytes kGlobalUnicast{.address = {0x20, 0, 0, 0}, .prefix = 3};
constexpr std::array kClosedSix{
    SixBytes{.address = {0x20, 0x01, 0x00, 0x00}, .prefix = 23},   // protocols, Teredo, benchmarking
    SixBytes{.address = {0x20, 0x01, 0x0D, 0xB8}, .prefix = 32},   // documentation
    SixBytes{.address = {0x20, 0x02, 0x00, 0x00}, .prefix = 16},   // 6to4
    SixBytes{.address = {0x3F, 0xFF, 0x00, 0x00}, .prefix = 20},   // documentation
};

Network network_of(const FourBytes& four) {
    in_addr address{};
    std::memcpy(&address, four.address.data(), four.address.size());
    return {.address = util::ip_of(address), .prefix = four.prefix + kMappedBits};
}

Network network_of(const SixBytes& six) {
    Network network{.address = {}, .prefix = six.prefix};
    std::ranges::copy(six.address, network.address.s6_addr);
    return network;
}

/// A NAT64 hands on to the IPv4 address in the last four bytes (RFC 6052, the well-known prefix).
IpAddress without_nat64(const IpAddress& address) {
    constexpr std::array<std::uint8_t, kMappedBytes> nat64{0x00, 0x64, 0xFF, 0x9B};
    if (!std::ranges::equal(nat64, std::span(address.s6_addr).first(kMappedBytes))) return address;
    in_addr four{};
    std::memcpy(&four, address.s6_addr + kMappedBytes, sizeof four);
    return util::ip_of(four);
}

bool is_mapped(const IpAddress& address) { return IN6_IS_ADDR_V4MAPPED(&address) != 0; }

/// "::/0" is all of IPv6, and says nothing about IPv4, which only we write that way.
bool within(const Network& network, const IpAddress& address) {
    return (network.prefix >= kMappedBits || !is_mapped(address)) && network.contains(address);
}

std::string normal_name(std::string_view host) {
    if (host.ends_with('.')) host.remove_suffix(1);
    std::string name(host);
    for (char& c : name)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return name;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_label(std::string_view label) {
    return !label.empty() && label.size() <= kLongestLabel && std::ranges::all_of(label, [](char c) {
        return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
    });
}

/// "10.1" and "0x7f.1" are addresses to whoever connects: a name does not end in a number.
bool is_name(std::string_view name) {
    if (name.size() > kLongestName) return false;
    for (;;) {
        const std::size_t dot = std::min(name.find('.'), name.size());
        const std::string_view label = name.substr(0, dot);
        if (!is_label(label)) return false;
        if (dot == name.size()) return !is_digit(label.front());
        name.remove_prefix(dot + 1);
    }
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
    return port;
}

struct HostAndPort {
    std::string_view host;
    std::uint16_t port = 0;
    bool bracketed = false;
};

/// "host", "host:9000", "[::1]", "[::1]:9000".
std::optional<HostAndPort> split(std::string_view text) {
    HostAndPort parts;
    std::string_view rest;
    if (text.starts_with('[')) {
        const std::size_t close = text.find(']');
        if (close == std::string_view::npos) return std::nullopt;
        parts = {.host = text.substr(1, close - 1), .port = 0, .bracketed = true};
        rest = text.substr(close + 1);
    } else {
        const std::size_t colon = std::min(text.find(':'), text.size());
        parts.host = text.substr(0, colon);
        rest = text.substr(colon);
    }
    if (rest.empty()) return parts;
    const auto port = rest.starts_with(':') ? parse_port(rest.substr(1)) : std::nullopt;
    if (!port) return std::nullopt;
    parts.port = *port;
    return parts;
}

}   // namespace

bool is_public(const IpAddress& given) {
    const IpAddress address = without_nat64(given);
    const auto in = [&address](const auto& closed) { return network_of(closed).contains(address); };
    if (is_mapped(address)) return std::ranges::none_of(kClosedFour, in);
    return in(kGlobalUnicast) && std::ranges::none_of(kClosedSix, in);
}

util::Result<AddressGuard> AddressGuard::make(std::span<const std::string> allow_hosts) {
    AddressGuard guard;
    for (const std::string& entry : allow_hosts) {
        // A whole address first: "::1" has colons that begin no port.
        if (const auto network = util::parse_network(entry)) {
            guard.allowed_.push_back({.host = {}, .network = *network, .port = 0});
            continue;
        }
        const auto parts = split(entry);
        const auto address =
            parts && !parts->host.contains('/') ? util::parse_network(parts->host) : std::nullopt;
        if (address && parts->bracketed == parts->host.contains(':')) {
            guard.allowed_.push_back({.host = {}, .network = *address, .port = parts->port});
            continue;
        }
        std::string name = parts && !parts->bracketed ? normal_name(parts->host) : std::string();
        if (!is_name(name))
            return util::fail(util::Errc::config, {},
                              "'" + entry +
                                  "' is no host, address or network; write store.example, "
                                  "store.example:9000, 192.0.2.1, [2001:db8::1]:9000 or 10.1.0.0/16");
        guard.allowed_.push_back({.host = std::move(name), .network = {}, .port = parts->port});
    }
    return guard;
}

bool AddressGuard::allows(const IpAddress& address, std::uint16_t port, std::string_view host) const {
    if (is_public(address)) return true;
    const std::string name = normal_name(host);
    return std::ranges::any_of(allowed_, [&](const Allowed& allowed) {
        if (allowed.port != 0 && allowed.port != port) return false;
        return allowed.host.empty() ? within(allowed.network, address) : allowed.host == name;
    });
}

}   // namespace microengine::fetch
