// SPDX-License-Identifier: MIT
#include "host/frontends/clamd/connection.hpp"

#include "host/util/log.hpp"
#include "host/util/metrics.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace microengine::clamd {

namespace {

using boost::system::error_code;

constexpr std::size_t kPiece = std::size_t{64} << 10;
constexpr std::size_t kMostDescriptors = 64;
constexpr std::size_t kMostReplies = 64;   // that wait for a client to take them
constexpr auto kRestOfPacket = std::chrono::milliseconds(50);
constexpr auto kNextPieceAtTheEnd = std::chrono::seconds(2);   // of a stream, once the server is to end
constexpr std::uint64_t kMostLingered = std::uint64_t{1} << 20;
constexpr std::uint64_t kMostLingeredOversize = std::uint64_t{1} << 30;

/// The descriptors of a message, owned from here on.
std::vector<util::UniqueFd> descriptors_of(msghdr& message) {
    std::vector<util::UniqueFd> found;
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
        const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
            found.emplace_back(fd);
        }
    }
    return found;
}

}   // namespace

Connection::Connection(Hub& hub, Socket socket, net::Peer peer, std::uint64_t number)
    : hub_(hub),
      socket_(std::move(socket)),
      peer_(std::move(peer)),
      access_(hub.rules.of(peer_)),
      number_(number),
      changed_(hub.io, Clock::time_point::max()),
      read_timer_(hub.io),
      send_timer_(hub.io),
      gone_(std::make_shared<std::atomic<bool>>(false)) {}

asio::awaitable<void> Connection::run() {
    const auto self = shared_from_this();
    asio::co_spawn(hub_.io, [self] { return self->watch_for_end(); }, asio::detached);
    co_await serve();
    co_await pending_below(1);
    co_await linger();
    close();
}

void Connection::stop() {
    stopping_ = true;
    reading_.emit(asio::cancellation_type::all);
}

void Connection::close() {
    *gone_ = true;
    error_code ignored;
    socket_.close(ignored);   // NOLINT(bugprone-unused-return-value): it is in `ignored`
}

/// False: not by that time, or told to stop.
asio::awaitable<bool> Connection::ready(Socket::wait_type what, Clock::time_point until,
                                        asio::cancellation_signal& signal, asio::steady_timer& timer) {
    timer.expires_at(until);
    auto waiting = std::make_shared<bool>(true);
    timer.async_wait([waiting, &signal, self = shared_from_this()](error_code error) {
        if (!error && *waiting) signal.emit(asio::cancellation_type::all);
    });
    error_code error;
    co_await socket_.async_wait(
        what, asio::bind_cancellation_slot(signal.slot(), asio::redirect_error(asio::use_awaitable, error)));
    *waiting = false;
    timer.cancel();
    co_return !error;
}

Connection::Got Connection::receive() {
    std::array<char, kPiece> bytes;   // NOLINT(cppcoreguidelines-pro-type-member-init): filled by the system
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * 4)> control{};
    iovec piece{.iov_base = bytes.data(), .iov_len = bytes.size()};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t got = ::recvmsg(socket_.native_handle(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (got < 0) return errno == EAGAIN || errno == EINTR ? Got::bytes : Got::broken;
    auto found = descriptors_of(message);
    const bool too_many = found.size() > 1 || descriptors_.size() + found.size() > kMostDescriptors;
    if ((message.msg_flags & MSG_CTRUNC) != 0 || too_many) protocol_error_ = true;
    for (util::UniqueFd& fd : found) descriptors_.push_back(std::move(fd));
    if (got == 0) return Got::end;
    in_.append(bytes.data(), static_cast<std::size_t>(got));
    util::count("clamd_bytes_total", {}, static_cast<double>(got));
    return Got::bytes;
}

asio::awaitable<Connection::Got> Connection::fill(Clock::time_point until) {
    for (bool told = stopping_;; told = true) {
        if (ended_ || (stopping_ && !streaming_)) co_return Got::end;
        if (stopping_) until = std::min(until, Clock::now() + kNextPieceAtTheEnd);
        if (co_await ready(Socket::wait_read, until, reading_, read_timer_)) break;
        if (!socket_.is_open()) co_return Got::broken;
        if (told == stopping_) co_return Got::late;   // else it was told just now
    }
    const Got got = receive();
    ended_ = ended_ || got == Got::end;
    co_return got;
}

void Connection::reply(const Ticket& ticket, std::string_view text) {
    if (broken_) return;
    std::string line = ticket.number ? std::to_string(*ticket.number) + ": " : "";
    line += text;
    line += terminator(ticket.form);
    out_.push_back(std::move(line));
    if (std::exchange(writing_, true)) return;
    asio::co_spawn(hub_.io, [self = shared_from_this()] { return self->write_all(); }, asio::detached);
}

asio::awaitable<void> Connection::write_all() {
    while (!out_.empty() && !broken_) {
        std::string_view rest = out_.front();
        while (!rest.empty()) {
            const ssize_t sent =
                ::send(socket_.native_handle(), rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent >= 0) {
                rest.remove_prefix(static_cast<std::size_t>(sent));
                continue;
            }
            if (errno == EINTR) continue;
            const bool patient = errno == EAGAIN || errno == EWOULDBLOCK;
            if (patient && co_await ready(Socket::wait_write, Clock::now() + hub_.settings().send_timeout,
                                          sending_, send_timer_))
                continue;
            if (patient) util::count("clamd_timeouts_total", {{"what", "send"}});
            broken_ = true;
            *gone_ = true;
            break;
        }
        if (!broken_) out_.pop_front();
        changed_.cancel();
    }
    writing_ = false;
    changed_.cancel();
}

/// Not below it, or too many replies still to be sent: waits.
asio::awaitable<void> Connection::pending_below(std::size_t limit) {
    while (pending_ >= limit || (limit == 1 && writing_) || (out_.size() > kMostReplies && !broken_)) {
        error_code ignored;
        co_await changed_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
}

/// What the client still sends is read, so that it gets the last reply: a close with unread bytes would reset
/// the connection and take the reply away.
asio::awaitable<void> Connection::linger() {
    if (broken_ || !socket_.is_open()) co_return;
    (void)::shutdown(socket_.native_handle(), SHUT_WR);   // fails where the client is gone
    const core::ClamdSettings& settings = hub_.settings();
    auto until = Clock::now() + (oversize_ && !stopping_ ? settings.oversize_linger : settings.linger);
    std::uint64_t left = oversize_ ? kMostLingeredOversize : kMostLingered;
    for (bool told = stopping_; !ended_;) {
        in_.clear();
        descriptors_.clear();
        if (co_await ready(Socket::wait_read, until, reading_, read_timer_)) {
            if (receive() != Got::bytes || in_.size() >= left) break;
            left -= in_.size();
        } else {
            if (told == stopping_) break;
            told = true;   // the server is to end: no longer than others have
            until = std::min(until, Clock::now() + settings.linger);
        }
    }
}

/// Notices a client that is gone while nobody reads: its scans need not begin any more. One that only sends
/// no more still waits for its reply.
asio::awaitable<void> Connection::watch_for_end() {
    const auto self = shared_from_this();
    error_code error;
    co_await socket_.async_wait(Socket::wait_error, asio::redirect_error(asio::use_awaitable, error));
    if (error || !socket_.is_open()) co_return;
    pollfd state{.fd = socket_.native_handle(), .events = 0, .revents = 0};
    if (::poll(&state, 1, 0) > 0 && (state.revents & (POLLHUP | POLLERR)) != 0) *gone_ = true;
}

asio::awaitable<std::optional<Parsed>> Connection::next_command(Clock::time_point until) {
    bool settled = false;
    for (;;) {
        Parsed parsed = read_command(in_, settled || ended_);
        if (parsed.status != Parsed::Status::incomplete) {
            in_.erase(0, parsed.used);
            co_return parsed;
        }
        const bool old_style = !in_.empty() && in_.front() != 'z' && in_.front() != 'n';
        const auto soon = Clock::now() + kRestOfPacket;
        const Got got = co_await fill(old_style ? std::min(soon, until) : until);
        if (protocol_error_) co_return std::nullopt;
        if (got == Got::late && old_style && Clock::now() < until) {
            settled = true;
        } else if (got == Got::late) {
            util::count("clamd_timeouts_total", {{"what", "command"}});
            reply({.form = Form::n, .number = std::nullopt}, "COMMAND READ TIMED OUT");
            co_return std::nullopt;
        } else if (got == Got::broken || (got == Got::end && (stopping_ || in_.empty() || !old_style))) {
            co_return std::nullopt;
        }
    }
}

asio::awaitable<void> Connection::serve() {
    auto until = Clock::now() + hub_.settings().command_timeout;
    for (;;) {
        auto parsed = co_await next_command(until);
        if (!parsed || parsed->status == Parsed::Status::too_long) break;
        form_ = parsed->command.form;
        const bool takes_one =
            parsed->status == Parsed::Status::command && parsed->command.word == Word::fildes;
        // What came with no FILDES to take it belongs to no command.
        protocol_error_ = !takes_one && has_orphans();
        if (protocol_error_ || co_await handle(*std::move(parsed)) == Next::last) break;
        protocol_error_ = protocol_error_ || has_orphans();
        if (protocol_error_) break;
        co_await pending_below(hub_.settings().session_pending);
        if (broken_) break;
        until = Clock::now() + hub_.settings().read_timeout;
    }
    if (!protocol_error_) co_return;
    if (!in_.empty()) form_ = in_.front() == 'z' ? Form::z : Form::n;   // one that was not read any more
    reply({.form = form_, .number = std::nullopt},
          "PROTOCOL ERROR: ancillary data sent without FILDES. ERROR");
}

}   // namespace microengine::clamd
