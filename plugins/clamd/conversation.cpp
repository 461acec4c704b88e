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
    for (const Address& address : addresses) {
        shown_ = address.shown;
        if (connect(address)) return;
        error = errno;
        ::close(std::exchange(fd_, -1));
    }
    throw Error(ME_E_FAILED, "cannot connect to clamd at " + shown_ + ": " + why(error));
}

Conversation::~Conversation() {
    if (fd_ >= 0) (void)::close(fd_);
}

/// False: errno says why.
bool Conversation::connect(const Address& address) {
    fd_ = ::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd_ < 0) return false;
    while (::connect(fd_, address.get(), address.size) != 0) {
        if (errno == EINPROGRESS) {
            wait(POLLOUT);
            int error = 0;
            socklen_t size = sizeof error;
            if (::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return false;
            errno = error;
            return error == 0;
        }
        if (errno != EINTR && errno != EAGAIN) return false;
        // A Unix socket with a full backlog: there is nothing to wait for but time.
        if (errno == EAGAIN) wait(0);
    }
    return true;
}

/// For `events`, or, without any, one slice.
void Conversation::wait(short events) {
    while (true) {
        patience_.check();
        const auto left = std::chrono::ceil<milliseconds>(patience_.until - Clock::now());
        if (left <= milliseconds(0))
            throw Error(ME_E_DEADLINE, "clamd at " + shown_ + " did not answer in time");
        pollfd one{.fd = events == 0 ? -1 : fd_, .events = events, .revents = 0};
        const int ready = ::poll(&one, 1, static_cast<int>(std::min(left, kSlice).count()));
        if (ready < 0 && errno != EINTR) throw Error(ME_E_FAILED, "cannot wait for clamd: " + why(errno));
        if (ready > 0 || events == 0) return;
    }
}

bool Conversation::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
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
        const ssize_t got = ::recv(fd_, piece.data(), piece.size(), 0);
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
