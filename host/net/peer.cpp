// SPDX-License-Identifier: MIT
#include "host/net/peer.hpp"

#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>

#include <charconv>
#include <cstring>
#include <string_view>

namespace microengine::net {

namespace {

std::optional<Peer> unix_peer(int fd) {
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return std::nullopt;
    return Peer{.unix_socket = true,
                .user = credentials.uid,
                .address = {},
                .text = "uid " + std::to_string(credentials.uid)};
}

}   // namespace

std::optional<Peer> peer_of(int fd) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    auto* generic = reinterpret_cast<sockaddr*>(&storage);   // NOLINT: as the system wants it
    if (::getpeername(fd, generic, &size) != 0) return std::nullopt;
    if (storage.ss_family == AF_UNIX) return unix_peer(fd);
    Peer peer;
    if (storage.ss_family == AF_INET) {
        sockaddr_in four{};
        std::memcpy(&four, &storage, sizeof four);
        peer.address = util::ip_of(four.sin_addr);
    } else if (storage.ss_family == AF_INET6) {
        sockaddr_in6 six{};
        std::memcpy(&six, &storage, sizeof six);
        peer.address = six.sin6_addr;
    } else {
        return std::nullopt;
    }
    peer.text = util::to_text(peer.address);
    return peer;
}

util::Result<std::vector<uid_t>> users_of(std::span<const std::string> names, std::string_view place) {
    std::vector<uid_t> users;
    for (const std::string& name : names) {
        uid_t number = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
        if (error == std::errc{} && end == name.data() + name.size()) {
            users.push_back(number);
            continue;
        }
        const passwd* entry = ::getpwnam(name.c_str());   // NOLINT(concurrency-mt-unsafe): main thread
        if (entry == nullptr)
            return util::fail(util::Errc::config, place, "there is no user '" + name + "' on this system");
        users.push_back(entry->pw_uid);
    }
    return users;
}

}   // namespace microengine::net
