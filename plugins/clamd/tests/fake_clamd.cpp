// SPDX-License-Identifier: MIT
#include "fake_clamd.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <stdexcept>
#include <utility>

namespace microengine::clamd {
namespace {

void require(bool holds) {
    if (!holds) throw std::runtime_error("fake clamd");
}

bool read_all(int client, std::string& into, std::size_t size) {
    std::string piece(size, '\0');
    for (std::size_t at = 0; at < size;) {
        const ssize_t got = ::recv(client, piece.data() + at, size - at, 0);
        if (got <= 0) return false;
        at += static_cast<std::size_t>(got);
    }
    into += piece;
    return true;
}

std::string command_of(int client) {
    std::string command;
    while (!command.ends_with('\0') && read_all(client, command, 1)) {
    }
    return command;
}

}   // namespace

FakeClamd::FakeClamd(Says says, const std::string& socket) : says_(std::move(says)) {
    end_ = ::eventfd(0, EFD_CLOEXEC);
    listener_ = ::socket(socket.empty() ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    require(end_ >= 0 && listener_ >= 0);
    if (socket.empty()) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        require(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
        socklen_t size = sizeof address;
        require(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
        port_ = ntohs(address.sin_port);
    } else {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        socket.copy(address.sun_path, sizeof address.sun_path - 1);
        require(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    }
    require(::listen(listener_, 8) == 0);
    thread_ = std::jthread([this](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            std::array<pollfd, 2> both{pollfd{listener_, POLLIN, 0}, pollfd{end_, POLLIN, 0}};
            (void)::poll(both.data(), both.size(), -1);
            if (both[1].revents != 0) return;
            const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (client < 0) continue;
            serve(client);
            ::close(client);
        }
    });
}

FakeClamd::~FakeClamd() {
    const std::uint64_t one = 1;
    (void)!::write(end_, &one, sizeof one);
    thread_.join();
    ::close(listener_);
    ::close(end_);
}

bool FakeClamd::read_stream(int client) {
    received_.clear();
    while (true) {
        std::string head;
        if (!read_all(client, head, 4)) return false;
        std::size_t size = 0;
        for (const char c : head) size = size << 8U | static_cast<unsigned char>(c);
        if (size == 0) return true;
        if (!read_all(client, received_, size)) return false;
    }
}

void FakeClamd::serve(int client) {
    const std::string command = command_of(client);
    std::string answer = says_.stream;
    if (command == std::string("zPING\0", 6)) answer = says_.ping;
    if (command == std::string("zVERSION\0", 9)) answer = says_.version;
    if (command == std::string("zINSTREAM\0", 10)) {
        if (says_.reads && !read_stream(client)) return;
        if (says_.silent) {
            std::string rest;
            (void)read_all(client, rest, 1);   // until it is left
            return;
        }
    }
    (void)::send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    if (says_.resets) (void)::setsockopt(client, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

}   // namespace microengine::clamd
