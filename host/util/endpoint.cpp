// SPDX-License-Identifier: MIT
#include "host/util/endpoint.hpp"

#include <arpa/inet.h>
#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace microengine::util {

namespace {

constexpr std::string_view kMapped("\0\0\0\0\0\0\0\0\0\0\xFF\xFF", 12);
constexpr unsigned kMappedBits = 96;
constexpr std::size_t kLongestAddress = 64;

bool is_mapped(const IpAddress& address) { return IN6_IS_ADDR_V4MAPPED(&address) != 0; }

template <class Number>
std::optional<Number> number(std::string_view text) {
    Number value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<IpAddress> parse_address(std::string_view text, bool six) {
    if (text.size() > kLongestAddress) return std::nullopt;
    const std::string terminated(text);
    if (six) {
        IpAddress address{};
        if (::inet_pton(AF_INET6, terminated.c_str(), &address) != 1) return std::nullopt;
        return address;
    }
    in_addr four{};
    if (::inet_pton(AF_INET, terminated.c_str(), &four) != 1) return std::nullopt;
    return ip_of(four);
}

std::optional<Endpoint> parse_tcp(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    std::string_view host = text.substr(0, colon);
    const bool six = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (six) host = host.substr(1, host.size() - 2);
    if (host == "localhost") host = "127.0.0.1";
    const auto port = number<std::uint16_t>(text.substr(colon + 1));
    const auto address = parse_address(host, six);
    if (!port || !address) return std::nullopt;
    return Endpoint{.kind = Endpoint::Kind::tcp, .address = *address, .port = *port, .name = {}};
}

}   // namespace

IpAddress ip_of(const in_addr& v4) {
    IpAddress address{};
    std::memcpy(address.s6_addr, kMapped.data(),
                kMapped.size());   // NOLINT(bugprone-not-null-terminated-result)
    std::memcpy(address.s6_addr + kMapped.size(), &v4, sizeof v4);
    return address;
}

bool is_loopback(const IpAddress& address) {
    if (is_mapped(address)) return address.s6_addr[kMapped.size()] == 127;
    return IN6_IS_ADDR_LOOPBACK(&address) != 0;
}

std::string to_text(const IpAddress& address) {
    char text[INET6_ADDRSTRLEN] = "";
    if (is_mapped(address))
        (void)::inet_ntop(AF_INET, address.s6_addr + kMapped.size(), text, sizeof text);
    else
        (void)::inet_ntop(AF_INET6, &address, text, sizeof text);
    return text;
}

bool Endpoint::local() const { return kind != Kind::tcp || is_loopback(address); }

std::optional<Endpoint> parse_endpoint(std::string_view text) {
    constexpr std::string_view inherited = "systemd:";
    constexpr std::string_view unix_socket = "unix:";
    if (text.starts_with(inherited)) {
        const std::string_view name = text.substr(inherited.size());
        if (name.empty()) return std::nullopt;
        return Endpoint{
            .kind = Endpoint::Kind::inherited, .address = {}, .port = 0, .name = std::string(name)};
    }
    if (text.starts_with(unix_socket)) text.remove_prefix(unix_socket.size());
    if (text.starts_with('/')) {
        if (text.size() >= sizeof(sockaddr_un::sun_path) || text.ends_with('/')) return std::nullopt;
        return Endpoint{
            .kind = Endpoint::Kind::unix_path, .address = {}, .port = 0, .name = std::string(text)};
    }
    return parse_tcp(text);
}

std::string to_text(const Endpoint& endpoint) {
    if (endpoint.kind == Endpoint::Kind::unix_path) return endpoint.name;
    if (endpoint.kind == Endpoint::Kind::inherited) return "systemd:" + endpoint.name;
    const std::string host = to_text(endpoint.address);
    return (host.contains(':') ? "[" + host + "]" : host) + ":" + std::to_string(endpoint.port);
}

std::optional<Network> parse_network(std::string_view text) {
    const std::size_t slash = std::min(text.find('/'), text.size());
    const bool six = text.substr(0, slash).contains(':');
    const auto address = parse_address(text.substr(0, slash), six);
    if (!address) return std::nullopt;
    Network network{.address = *address, .prefix = 128};
    if (slash == text.size()) return network;
    const auto bits = number<unsigned>(text.substr(slash + 1));
    if (!bits || *bits > (six ? 128U : 32U)) return std::nullopt;
    network.prefix = six ? *bits : *bits + kMappedBits;
    return network;
}

bool Network::contains(const IpAddress& peer) const {
    const unsigned whole = prefix / 8;
    if (std::memcmp(address.s6_addr, peer.s6_addr, whole) != 0) return false;
    const unsigned rest = prefix % 8;
    return rest == 0 || ((address.s6_addr[whole] ^ peer.s6_addr[whole]) >> (8 - rest)) == 0;
}

}   // namespace microengine::util
