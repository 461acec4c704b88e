// SPDX-License-Identifier: MIT
#include "host/net/listen.hpp"

#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <ranges>
#include <string_view>
#include <utility>

namespace microengine::net {

namespace {

using util::Endpoint;
using util::Errc;
using util::fail;
using util::fail_errno;
using util::Result;
using util::UniqueFd;

constexpr int kBacklog = 1024;
constexpr int kFirstInherited = 3;   // SD_LISTEN_FDS_START

const sockaddr* generic(const auto& address) {
    return reinterpret_cast<const sockaddr*>(&address);   // NOLINT: as the system wants it
}

std::optional<long> number_from(const char* variable) {
    const char* text = std::getenv(variable);   // NOLINT(concurrency-mt-unsafe): main thread
    if (text == nullptr) return std::nullopt;
    const std::string_view digits(text);
    long number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return number;
}

Result<UniqueFd> new_socket(int family, const std::string& place) {
    UniqueFd fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return fail_errno(Errc::io, place, "cannot open a socket", errno);
    return fd;
}

Result<Listener> listen_tcp(const Endpoint& endpoint) {
    const std::string place = to_text(endpoint);
    const bool four = IN6_IS_ADDR_V4MAPPED(&endpoint.address) != 0;
    UniqueFd fd = ME_TRY(new_socket(four ? AF_INET : AF_INET6, place));
    const int on = 1;
    (void)::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    int bound = 0;
    if (four) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(endpoint.port);
        std::memcpy(&address.sin_addr, endpoint.address.s6_addr + 12, sizeof address.sin_addr);
        bound = ::bind(fd.get(), generic(address), sizeof address);
    } else {
        (void)::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
        sockaddr_in6 address{};
        address.sin6_family = AF_INET6;
        address.sin6_port = htons(endpoint.port);
        address.sin6_addr = endpoint.address;
        bound = ::bind(fd.get(), generic(address), sizeof address);
    }
    if (bound != 0) return fail_errno(Errc::io, place, "cannot listen here", errno);
    return Listener{.fd = std::move(fd), .endpoint = endpoint, .unix_socket = false, .ours = false};
}

/// A path that nobody listens on any more is in the way; one that somebody does is his.
Result<void> clear_path(const Endpoint& endpoint, const sockaddr_un& address) {
    struct stat status{};
    if (::lstat(address.sun_path, &status) != 0) return {};
    if (!S_ISSOCK(status.st_mode))
        return fail(Errc::io, endpoint.name, "cannot listen here: there is a file that is no socket");
    const UniqueFd probe = ME_TRY(new_socket(AF_UNIX, endpoint.name));
    if (::connect(probe.get(), generic(address), sizeof address) == 0 || errno == EAGAIN)
        return fail(Errc::io, endpoint.name, "cannot listen here: another server does");
    if (errno == ECONNREFUSED && ::unlink(address.sun_path) != 0)
        return fail_errno(Errc::io, endpoint.name, "cannot remove the socket of an ended server", errno);
    return {};
}

Result<void> grant(const Endpoint& endpoint, const ListenOptions& options) {
    unsigned mode = 0;
    const std::string& text = options.socket_mode;
    std::from_chars(text.data(), text.data() + text.size(), mode, 8);
    if (!options.socket_group.empty()) {
        const group* entry =
            ::getgrnam(options.socket_group.c_str());   // NOLINT(concurrency-mt-unsafe): main thread
        if (entry == nullptr)
            return fail(Errc::config, endpoint.name, "there is no group '" + options.socket_group + "'");
        if (::chown(endpoint.name.c_str(), static_cast<uid_t>(-1), entry->gr_gid) != 0)
            return fail_errno(Errc::io, endpoint.name,
                              "cannot give it to group '" + options.socket_group + "'", errno);
    }
    if (::chmod(endpoint.name.c_str(), mode) != 0)
        return fail_errno(Errc::io, endpoint.name, "cannot set its mode", errno);
    return {};
}

Result<Listener> listen_unix(const Endpoint& endpoint, const ListenOptions& options) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    util::ensure(endpoint.name.size() < sizeof address.sun_path, "a socket's path was checked");
    std::ranges::copy(endpoint.name, address.sun_path);
    ME_CHECK(clear_path(endpoint, address));
    UniqueFd fd = ME_TRY(new_socket(AF_UNIX, endpoint.name));
    if (::bind(fd.get(), generic(address), sizeof address) != 0)
        return fail_errno(Errc::io, endpoint.name, "cannot listen here", errno);
    // Nobody can connect before it listens, and that comes last.
    Listener listener{.fd = std::move(fd), .endpoint = endpoint, .unix_socket = true, .ours = true};
    if (auto granted = grant(endpoint, options); !granted) {
        (void)::unlink(address.sun_path);
        return std::unexpected(std::move(granted).error());
    }
    return listener;
}

Result<void> start_listening(Listener& listener) {
    if (::listen(listener.fd.get(), kBacklog) != 0)
        return fail_errno(Errc::io, to_text(listener.endpoint), "cannot listen here", errno);
    if (listener.endpoint.kind != Endpoint::Kind::tcp || listener.endpoint.port != 0) return {};
    sockaddr_in6 bound{};
    socklen_t size = sizeof bound;
    auto* address = reinterpret_cast<sockaddr*>(&bound);   // NOLINT: as the system wants it
    if (::getsockname(listener.fd.get(), address, &size) == 0)
        listener.endpoint.port = ntohs(bound.sin6_port);   // at the same place in sockaddr_in
    return {};
}

Result<void> take_inherited(const Endpoint& endpoint, Inherited& inherited, std::vector<Listener>& all) {
    auto sockets = inherited.take(endpoint.name);
    if (sockets.empty())
        return fail(Errc::config, to_text(endpoint),
                    "systemd handed over no socket of that name (FileDescriptorName= in the socket unit)");
    for (UniqueFd& fd : sockets) {
        int domain = 0;
        socklen_t size = sizeof domain;
        if (::getsockopt(fd.get(), SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0)
            return fail_errno(Errc::io, to_text(endpoint), "what systemd handed over is no socket", errno);
        all.push_back(
            {.fd = std::move(fd), .endpoint = endpoint, .unix_socket = domain == AF_UNIX, .ours = false});
    }
    return {};
}

}   // namespace

Inherited::Inherited() {
    const auto process = number_from("LISTEN_PID");
    const auto count = number_from("LISTEN_FDS");
    const char* given = std::getenv("LISTEN_FDNAMES");   // NOLINT(concurrency-mt-unsafe): main thread
    const std::string names = given == nullptr ? "" : given;
    for (const char* variable : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"})
        (void)::unsetenv(variable);   // NOLINT(concurrency-mt-unsafe): main thread
    constexpr long most = 1024;
    if (!process || *process != ::getpid() || !count || *count < 1 || *count > most) return;
    std::vector<std::string> each;
    for (const auto part : std::views::split(names, ':')) each.emplace_back(part.begin(), part.end());
    for (long i = 0; i < *count; ++i) {
        const int fd = kFirstInherited + static_cast<int>(i);
        (void)::fcntl(fd, F_SETFD, FD_CLOEXEC);
        (void)::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
        const auto index = static_cast<std::size_t>(i);
        sockets_.push_back({.name = index < each.size() ? each[index] : "unknown", .fd = UniqueFd(fd)});
    }
}

std::vector<UniqueFd> Inherited::take(const std::string& name) {
    std::vector<UniqueFd> taken;
    for (Named& socket : sockets_)
        if (socket.name == name && socket.fd) taken.push_back(std::move(socket.fd));
    return taken;
}

Result<std::vector<Listener>> listen_on(std::span<const std::string> addresses, const ListenOptions& options,
                                        Inherited& inherited) {
    std::vector<Listener> all;
    for (const std::string& text : addresses) {
        const auto parsed = util::parse_endpoint(text);
        util::ensure(parsed.has_value(), "the configuration checked the addresses");
        const Endpoint& endpoint = *parsed;   // NOLINT(bugprone-unchecked-optional-access): just ensured
        if (endpoint.kind == Endpoint::Kind::inherited) {
            ME_CHECK(take_inherited(endpoint, inherited, all));
            continue;
        }
        all.push_back(endpoint.kind == Endpoint::Kind::unix_path ? ME_TRY(listen_unix(endpoint, options))
                                                                 : ME_TRY(listen_tcp(endpoint)));
        ME_CHECK(start_listening(all.back()));
    }
    return all;
}

void remove_paths(std::span<const Listener> listeners) {
    for (const Listener& listener : listeners)
        if (listener.ours) (void)::unlink(listener.endpoint.name.c_str());
}

}   // namespace microengine::net
