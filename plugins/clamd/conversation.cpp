// SPDX-License-Identifier: MIT
#include "conversation.hpp"

#include <microengine/plugin.hpp>

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace microengine::clamd {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kSlice{20};
constexpr std::size_t kMostAnswer = 4096;   // the longest that clamd gives to one artifact is far shorter

std::string why(int error) { return std::generic_category().message(error); }

}   // namespace

Conversation::Conversation(const std::vector<Address>& addresses, Patience patience)
    : patience_(std::move(patience)) {
    int error = 0;
    auto left = static_cast<int>(addresses.size());
    for (const Address& address : addresses) {
        shown_ = address.shown;
        const Time now = Clock::now();
        // The last one has all that is left, and what happens to it is what is told.
        if (connect(address, left == 1 ? patience_.until : now + (patience_.until - now) / left)) return;
        error = errno;
        --left;
    }
    if (error == ETIMEDOUT && Clock::now() >= patience_.until) late();
    throw Error(ME_E_FAILED, "cannot connect to clamd at " + shown_ + ": " + why(error));
}

/// False: errno says why.
bool Conversation::connect(const Address& address, Time until) {
    socket_ = Fd(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (socket_.get() < 0) return false;
    while (::connect(socket_.get(), address.get(), address.size) != 0) {
        if (errno == EINPROGRESS) {
            if (!wait(POLLOUT, until)) return false;
            int error = 0;
            socklen_t size = sizeof error;
            if (::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) return false;
            errno = error;
            return error == 0;
        }
        if (errno != EINTR && errno != EAGAIN) return false;
        // A Unix socket with a full backlog: there is nothing to wait for but time.
        if (errno == EAGAIN && !wait(0, until)) return false;
    }
    return true;
}

void Conversation::late() const {
    throw Error(ME_E_DEADLINE, "clamd at " + shown_ + " did not answer in time");
}

void Conversation::wait(short events) {
    if (!wait(events, patience_.until)) late();
}

/// For `events`, or, without any, one slice. False: it was in vain, ETIMEDOUT.
bool Conversation::wait(short events, Time until) {
    while (true) {
        patience_.check();
        const auto left = std::chrono::ceil<milliseconds>(until - Clock::now());
        if (left <= milliseconds(0)) {
            errno = ETIMEDOUT;
            return false;
        }
        pollfd one{.fd = events == 0 ? -1 : socket_.get(), .events = events, .revents = 0};
        const int ready = ::poll(&one, 1, static_cast<int>(std::min(left, kSlice).count()));
        if (ready < 0 && errno != EINTR) throw Error(ME_E_FAILED, "cannot wait for clamd: " + why(errno));
        if (ready > 0 || events == 0) return true;
    }
}

bool Conversation::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent > 0)
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        else if (sent < 0 && errno == EAGAIN)
            wait(POLLOUT);
        else if (sent < 0 && errno != EINTR)
            return false;
        patience_.check();
    }
    return true;
}

std::string Conversation::answer() {
    std::string text;
    std::array<char, kMostAnswer> piece{};
    while (true) {
        const ssize_t got = ::recv(socket_.get(), piece.data(), piece.size(), 0);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == EAGAIN) {
            wait(POLLIN);
            continue;
        }
        if (got < 0) throw Error(ME_E_FAILED, "lost clamd at " + shown_ + ": " + why(errno));
        if (got == 0)
            throw Error(ME_E_FAILED,
                        "clamd at " + shown_ + " closed the connection " +
                            (text.empty() ? "without an answer" : "in the middle of its answer"));
        text.append(piece.data(), static_cast<std::size_t>(got));
        const std::size_t end = text.find('\0');
        if (end + 1 == text.size()) {
            text.pop_back();
            return text;
        }
        if (end != std::string::npos || text.size() > kMostAnswer)
            throw Error(ME_E_FAILED, "clamd at " + shown_ + " said more than one answer");
    }
}

std::string ask(const std::vector<Address>& addresses, std::string_view command, Patience patience) {
    Conversation conversation(addresses, std::move(patience));
    (void)conversation.send("z" + std::string(command) + '\0');
    return conversation.answer();
}

}   // namespace microengine::clamd
