// SPDX-License-Identifier: MIT
#include "host/helper/nursery.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

namespace microengine::helper {

Nursery::Nursery() {
    sigset_t child;
    ::sigemptyset(&child);
    ::sigaddset(&child, SIGCHLD);
    ::pthread_sigmask(SIG_BLOCK, &child, nullptr);
    signals_.reset(::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK));
    util::ensure(static_cast<bool>(signals_), "the end of children can be watched");
}

void Nursery::wait(int fd) {
    const std::array<int, 2> fds{fd, signals_.get()};
    (void)wire::wait_any(fds, 0);
    bury();
}

void Nursery::bury() {
    signalfd_siginfo info{};
    while (::read(signals_.get(), &info, sizeof info) > 0) {
    }
    int status = 0;
    for (pid_t pid = ::waitpid(-1, &status, WNOHANG); pid > 0; pid = ::waitpid(-1, &status, WNOHANG)) {
        const auto child = std::ranges::find(children_, pid, &Child::pid);
        if (child == children_.end()) continue;   // a child that the plugin started while it opened
        (void)child->fate.send(wire::Died{.status = status}, {}, wire::Channel::Patience::refuse);
        children_.erase(child);
    }
}

Nursery::Side Nursery::fork(wire::Channel fate) {
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) return Side::parent;   // fate ends here, and says so
    if (pid > 0) {
        // It cannot be reaped before bury(), so this is surely the one that was forked.
        const util::UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
        const int fd = pidfd.get();
        if (fd < 0 || !fate.send(wire::Forked{.pid = pid}, {&fd, 1}, wire::Channel::Patience::refuse)) {
            ::kill(pid, SIGKILL);   // nobody could: the host has no hold on it
            return Side::parent;
        }
        children_.push_back({.pid = pid, .fate = std::move(fate)});
        return Side::parent;
    }
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);   // it died in between
    fate.close();
    children_.clear();
    signals_.reset();
    sigset_t none;
    ::sigemptyset(&none);
    ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
    return Side::child;
}

}   // namespace microengine::helper
