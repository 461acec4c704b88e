// SPDX-License-Identifier: MIT
#include "host/util/wait_fd.hpp"

#include <poll.h>

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

}   // namespace microengine::util
