// SPDX-License-Identifier: MIT
#include "host/util/wait_fd.hpp"

#include "host/util/clock.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace microengine::util {

bool wait_fd(int fd, Wanted wanted, int stop) {
    if (fd < 0) return true;   // poll would wait for ever
    pollfd both[2] = {{fd, static_cast<short>(wanted == Wanted::read ? POLLIN : POLLOUT), 0},
                      {stop, POLLIN, 0}};
    while (::poll(both, 2, -1) < 0)
        if (errno != EINTR) return true;
    return both[1].revents == 0 || both[0].revents != 0;
}

void wait_any(std::initializer_list<int> fds, std::uint64_t until_ns) {
    std::array<pollfd, 8> all{};
    nfds_t count = 0;
    for (const int fd : fds)
        if (count < all.size()) all[count++] = {.fd = fd, .events = POLLIN, .revents = 0};
    const std::uint64_t now = monotonic_ns();
    constexpr std::uint64_t ms = 1'000'000;
    constexpr std::uint64_t most = 60'000;
    // Rounded up: who wakes too early would wake again and again.
    const std::uint64_t wait = until_ns <= now ? 0 : std::min(most, (until_ns - now + ms - 1) / ms);
    (void)::poll(all.data(), count, static_cast<int>(wait));
}

}   // namespace microengine::util
