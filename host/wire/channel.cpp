// SPDX-License-Identifier: MIT
#include "host/wire/channel.hpp"

#include "host/util/clock.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

namespace microengine::wire {

using util::Errc;
using util::UniqueFd;

namespace {

constexpr std::size_t kMaxFds = 3;
constexpr std::size_t kMostPolled = 4;
constexpr int kSocketBytes = 1 << 20;

union ControlSpace {
    char bytes[CMSG_SPACE(kMaxFds * sizeof(int))];
    cmsghdr align;
};

void take_fds(msghdr& header, std::vector<UniqueFd>& fds) {
    for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
        const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
            fds.emplace_back(fd);
        }
    }
}

}   // namespace

util::Result<std::pair<Channel, UniqueFd>> Channel::make() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return util::fail_errno(Errc::io, "", "no socket pair", errno);
    for (const int end : ends)
        (void)::setsockopt(end, SOL_SOCKET, SO_SNDBUF, &kSocketBytes, sizeof kSocketBytes);
    return std::pair(Channel(UniqueFd(ends[0])), UniqueFd(ends[1]));
}

bool Channel::send_bytes(std::string_view bytes, std::span<const int> fds, Patience patience) {
    if (bytes.size() > kMaxMessage || fds.size() > kMaxFds) return false;
    iovec part{const_cast<char*>(bytes.data()), bytes.size()};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    ControlSpace control{};
    if (!fds.empty()) {
        header.msg_control = control.bytes;
        header.msg_controllen = CMSG_SPACE(fds.size_bytes());
        cmsghdr* first = CMSG_FIRSTHDR(&header);
        first->cmsg_level = SOL_SOCKET;
        first->cmsg_type = SCM_RIGHTS;
        first->cmsg_len = CMSG_LEN(fds.size_bytes());
        std::memcpy(CMSG_DATA(first), fds.data(), fds.size_bytes());
    }
    const int flags = MSG_NOSIGNAL | (patience == Patience::refuse ? MSG_DONTWAIT : 0);
    for (;;) {
        if (::sendmsg(fd_.get(), &header, flags) >= 0) return true;
        if (errno != EINTR) return false;
    }
}

Got Channel::receive() { return receive_with(MSG_DONTWAIT); }

Got Channel::receive_with(int flags) {
    if (!in_) in_ = std::make_unique_for_overwrite<char[]>(kMaxMessage);
    fds_.clear();
    size_ = 0;
    iovec part{in_.get(), kMaxMessage};
    ControlSpace control{};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control.bytes;
    header.msg_controllen = sizeof control.bytes;
    for (;;) {
        const ssize_t got = ::recvmsg(fd_.get(), &header, flags | MSG_CMSG_CLOEXEC);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return errno == EAGAIN ? Got::nothing : Got::closed;
        take_fds(header, fds_);
        // An empty message says nothing: it reads as the end, and whoever sends one is treated as gone.
        if (got == 0) return Got::closed;
        // The space for control data is rounded up: one more descriptor than we want may fit.
        if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 || fds_.size() > kMaxFds) return Got::broken;
        size_ = static_cast<std::size_t>(got);
        return Got::message;
    }
}

Got Channel::wait(std::uint64_t deadline_ns, int stop) {
    if (deadline_ns == 0 && stop < 0) return receive_with(0);
    for (;;) {
        if (const Got got = receive(); got != Got::nothing) return got;
        const std::array<int, 2> fds{fd_.get(), stop};
        if (!wait_any({fds.data(), stop < 0 ? 1U : 2U}, deadline_ns)) return Got::nothing;
        if (stop >= 0 && wait_any({&stop, 1}, 1)) return Got::nothing;   // 1: long ago, so it only looks
    }
}

bool wait_any(std::span<const int> fds, std::uint64_t deadline_ns) {
    std::array<pollfd, kMostPolled> polled{};
    util::ensure(fds.size() <= polled.size(), "few descriptors are waited for");
    for (std::size_t i = 0; i < fds.size(); ++i) polled[i] = {.fd = fds[i], .events = POLLIN, .revents = 0};
    for (;;) {
        const std::uint64_t now = util::monotonic_ns();
        const std::uint64_t left = deadline_ns > now ? deadline_ns - now : 0;
        const timespec timeout{.tv_sec = static_cast<time_t>(left / 1'000'000'000),
                               .tv_nsec = static_cast<long>(left % 1'000'000'000)};
        const int ready = ::ppoll(polled.data(), fds.size(), deadline_ns == 0 ? nullptr : &timeout, nullptr);
        if (ready > 0) return true;
        if (ready == 0 && (deadline_ns != 0 && util::monotonic_ns() >= deadline_ns)) return false;
        if (ready < 0 && errno != EINTR) return true;   // the read that follows says what is wrong
    }
}

}   // namespace microengine::wire
