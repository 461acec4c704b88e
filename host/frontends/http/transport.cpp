// SPDX-License-Identifier: MIT
#include "host/frontends/http/transport.hpp"

#include <sys/socket.h>
#include <sys/types.h>

#include <cerrno>

namespace microengine::http {

namespace {

class Plain final : public Transport {
public:
    explicit Plain(int fd) : fd_(fd) {}

    Step handshake() override { return {.state = State::moved}; }
    Step read(std::span<char> into) override {
        const ssize_t got = ::recv(fd_, into.data(), into.size(), MSG_DONTWAIT);
        if (got > 0) return {.state = State::moved, .bytes = static_cast<std::size_t>(got)};
        if (got == 0) return {.state = State::end};
        return {.state = may_again() ? State::wait_read : State::broken};
    }
    Step write(std::string_view bytes) override {
        const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0) return {.state = State::moved, .bytes = static_cast<std::size_t>(sent)};
        return {.state = may_again() ? State::wait_write : State::broken};
    }
    void finish() override { (void)::shutdown(fd_, SHUT_WR); }

private:
    static bool may_again() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }
    int fd_;
};

}   // namespace

std::unique_ptr<Transport> plain_transport(int fd) { return std::make_unique<Plain>(fd); }

}   // namespace microengine::http
