// SPDX-License-Identifier: MIT
#include "process.hpp"

#include <microengine/plugin.hpp>

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>

namespace microengine::command {
namespace {

constexpr std::size_t kStackBytes = std::size_t{64} << 10;
constexpr int kFirstOther = 3;

struct Plan {
    const char* program;
    char* const* arguments;
    char* const* environment;
    const char* folder;
    int in, out, err;
    pid_t parent;
    int error;
};

/// In the child, which shares our memory while we wait: system calls only.
int child(void* argument) noexcept {
    Plan& plan = *static_cast<Plan*>(argument);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != plan.parent) _exit(127);
    setsid();
    const bool placed = dup2(plan.in, 0) >= 0 && dup2(plan.out, 1) >= 0 && dup2(plan.err, 2) >= 0 &&
                        close_range(kFirstOther, ~0U, 0) == 0 && chdir(plan.folder) == 0;
    if (!placed) {
        plan.error = errno;
        _exit(127);
    }
    struct sigaction standard{};
    standard.sa_handler = SIG_DFL;
    for (int signal = 1; signal < NSIG; ++signal) sigaction(signal, &standard, nullptr);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);   // NOLINT(concurrency-mt-unsafe): the child has one thread
    execve(plan.program, plan.arguments, plan.environment);
    plan.error = errno;
    _exit(127);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> all;
    all.reserve(texts.size() + 1);
    for (std::string& text : texts) all.push_back(text.data());
    all.push_back(nullptr);
    return all;
}

}   // namespace

Process::Process(const Start& start) {
    std::vector<std::string> arguments{start.program};
    arguments.insert(arguments.end(), start.arguments.begin(), start.arguments.end());
    std::vector<std::string> environment = start.environment;
    const std::vector<char*> argv = pointers(arguments);
    const std::vector<char*> envp = pointers(environment);
    Plan plan{start.program.c_str(),
              argv.data(),
              envp.data(),
              start.folder.c_str(),
              start.in,
              start.out,
              start.err,
              getpid(),
              0};
    const std::unique_ptr<char[]> stack(new char[kStackBytes]);
    // A handler that ran in the child would run in our memory.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int pidfd = -1;
    const pid_t pid = clone(child, stack.get() + kStackBytes, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD,
                            &plan, &pidfd);
    const int error = pid < 0 ? errno : plan.error;
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (pid > 0) {
        pid_ = pid;
        pidfd_ = Fd(pidfd);
    }
    if (error == 0) return;
    (void)end();
    throw Error(ME_E_FAILED, "cannot start " + start.program + ": " + std::generic_category().message(error));
}

int Process::end() {
    if (pid_ < 0) return status_;
    kill(-pid_, SIGKILL);   // not buried yet, so the number is still its own
    kill(pid_, SIGKILL);
    int status = 0;
    pid_t got = 0;
    do got = waitpid(pid_, &status, 0);
    while (got < 0 && errno == EINTR);
    status_ = got == pid_ ? status : -1;
    pid_ = -1;
    return status_;
}

}   // namespace microengine::command
