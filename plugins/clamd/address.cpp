// SPDX-License-Identifier: MIT
#include "address.hpp"

#include <microengine/plugin.hpp>

#include <netdb.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <cstring>
#include <memory>

namespace microengine::clamd {
namespace {

constexpr std::size_t kMostHost = 253;

bool is_port(std::string_view text) {
    if (text.empty() || text.size() > 5 || text.find_first_not_of("0123456789") != std::string_view::npos)
        return false;
    const int number = std::stoi(std::string(text));
    return number > 0 && number <= 65535;
}

}   // namespace

std::optional<HostPort> parse_host_port(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || !is_port(text.substr(colon + 1))) return std::nullopt;
    std::string_view host = text.substr(0, colon);
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    // Without brackets nobody knows which of the colons stands before the port.
    if (!bracketed && host.find(':') != std::string_view::npos) return std::nullopt;
    const bool odd =
        std::ranges::any_of(host, [](char c) { return c <= ' ' || c > '~' || c == '/' || c == '['; });
    if (host.empty() || host.size() > kMostHost || odd) return std::nullopt;
    return HostPort{.host = std::string(host), .port = std::string(text.substr(colon + 1))};
}

Address address_of_socket(const std::string& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode))
        throw setting_error("socket", path + " is no socket; clamd.conf names it as LocalSocket");
    sockaddr_un address{};
    if (path.size() >= sizeof address.sun_path)
        throw setting_error("socket", "a socket's path has at most " +
                                          std::to_string(sizeof address.sun_path - 1) + " bytes, this one " +
                                          std::to_string(path.size()));
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    Address out{.bytes = {}, .size = sizeof address, .shown = path};
    std::memcpy(&out.bytes, &address, sizeof address);
    return out;
}

std::vector<Address> addresses_of(const std::string& address) {
    const auto parsed = parse_host_port(address);
    if (!parsed)
        throw setting_error("address", "must be host:port, or [IPv6 address]:port, got \"" + address + "\"");
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const int code = ::getaddrinfo(parsed->host.c_str(), parsed->port.c_str(), &hints, &found);
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> all(found, &::freeaddrinfo);
    if (code != 0) throw setting_error("address", address + ": " + ::gai_strerror(code));
    std::vector<Address> addresses;
    for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
        Address one{.bytes = {}, .size = each->ai_addrlen, .shown = address};
        if (each->ai_addrlen > sizeof one.bytes) continue;
        std::memcpy(&one.bytes, each->ai_addr, each->ai_addrlen);
        addresses.push_back(std::move(one));
    }
    if (addresses.empty()) throw setting_error("address", address + " has no address");
    return addresses;
}

}   // namespace microengine::clamd
