// SPDX-License-Identifier: MIT
#include "host/app/serve/notify.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdlib>

namespace microengine::app {

namespace {

std::string taken(const char* name) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): the main thread, and nobody else looks at these
    const char* const value = std::getenv(name);
    std::string text = value == nullptr ? "" : value;
    ::unsetenv(name);   // NOLINT(concurrency-mt-unsafe): the same
    return text;
}

std::optional<long> number(const std::string& text) {
    long value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

}   // namespace

Notifier::Notifier() : address_(taken("NOTIFY_SOCKET")) {
    const auto interval = number(taken("WATCHDOG_USEC"));
    const auto process = number(taken("WATCHDOG_PID"));
    if (interval && *interval > 0 && (!process || *process == ::getpid()))
        watchdog_ = std::chrono::microseconds(*interval);
    if (address_.empty() || address_.size() >= sizeof(sockaddr_un::sun_path)) {
        address_.clear();
        return;
    }
    if (address_.front() == '@') address_.front() = '\0';   // of the abstract kind
    socket_.reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

void Notifier::tell(std::string_view state) const {
    if (address_.empty() || !socket_) return;
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    std::ranges::copy(address_, static_cast<char*>(to.sun_path));
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
    (void)::sendto(socket_.get(), state.data(), state.size(), MSG_NOSIGNAL,
                   reinterpret_cast<const sockaddr*>(&to), size);
}

}   // namespace microengine::app
