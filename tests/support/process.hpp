// SPDX-License-Identifier: MIT
#pragma once
// Another process of a test. To be started before there are threads.

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>

namespace microengine::support {

/// A fork; both sides speak in single letters and wait for them.
struct Process {
    explicit Process(const std::function<void(const Process&)>& work) {
        int ends[2] = {-1, -1};
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) std::abort();
        pid = ::fork();
        end = ends[pid == 0 ? 1 : 0];
        ::close(ends[pid == 0 ? 0 : 1]);
        if (pid != 0) return;
        work(*this);
        ::_exit(0);
    }
    ~Process() {
        ::close(end);
        ::waitpid(pid, nullptr, 0);
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    void say(char letter) const { (void)!::send(end, &letter, 1, MSG_NOSIGNAL); }
    [[nodiscard]] char hear() const {
        char letter = 0;
        return ::recv(end, &letter, 1, 0) == 1 ? letter : '\0';
    }
    int end = -1;
    pid_t pid = 0;
};

}   // namespace microengine::support
