// SPDX-License-Identifier: MIT
#include "host/helper/first_process.hpp"

#include "host/helper/failed.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace microengine::helper {

namespace {

/// Ends as the child does. Holds nothing but the pipe whose end tells the child that it is alone.
[[noreturn]] void guard(pid_t first, int alive) {
    const auto keep = static_cast<unsigned>(alive);
    if (keep > 3) ::close_range(3, keep - 1, 0);
    ::close_range(keep + 1, ~0U, 0);
    int status = 0;
    while (::waitpid(first, &status, 0) < 0)
        if (errno != EINTR) ::_exit(1);
    if (!WIFSIGNALED(status)) ::_exit(WEXITSTATUS(status));
    const int signal = WTERMSIG(status);
    ::signal(signal, SIG_DFL);
    ::raise(signal);
    ::_exit(1);
}

}   // namespace

std::string become_first_process() {
    std::array<int, 2> alive{};
    if (::pipe2(alive.data(), O_CLOEXEC) != 0) return failed("no pipe to its guard");
    const pid_t pid = ::fork();
    if (pid < 0) return failed("cannot be the first of its processes");
    if (pid > 0) guard(pid, alive[1]);
    ::close(alive[1]);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    // The guard may have ended before that; its number is none in here, so the pipe tells.
    pollfd end{.fd = alive[0], .events = 0, .revents = 0};
    if (::poll(&end, 1, 0) != 0) ::_exit(1);
    ::close(alive[0]);
    // A group that it shared with the helper could be signalled from inside.
    return ::setsid() < 0 ? failed("cannot have a session of its own") : "";
}

void end_other_processes() {
    ::kill(-1, SIGKILL);   // in this namespace, but for this process
    while (::waitpid(-1, nullptr, __WALL) > 0 || errno == EINTR) {
    }
}

}   // namespace microengine::helper
