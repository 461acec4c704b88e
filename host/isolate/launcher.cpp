// SPDX-License-Identifier: MIT
#include "host/isolate/launcher.hpp"

#include "host/util/clock.hpp"
#include "host/wire/channel.hpp"
#include "host/wire/messages.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

namespace microengine::isolate {

using util::Errc;
using util::Lock;
using util::Result;
using util::UniqueFd;

namespace {

constexpr int kControlFd = 3;
constexpr std::uint64_t kDeathWait = 2'000'000'000;   // ns

/// What plugins may want to know of their surroundings. Nothing here is a secret.
std::vector<std::string> clean_environment() {
    std::vector<std::string> all{"LC_ALL=C.UTF-8"};
    for (const char* name : {"HOME", "XDG_CACHE_HOME", "TZ"})
        if (const char* value = std::getenv(name))   // NOLINT(concurrency-mt-unsafe): nobody sets any
            all.push_back(std::string(name) + "=" + value);
#if defined(ME_SANITIZED)
    // A worker that dies of a signal shall die of it, and not end with a sanitizer's status.
    for (const char* name : {"ASAN_OPTIONS", "TSAN_OPTIONS"}) {
        const char* value = std::getenv(name);   // NOLINT(concurrency-mt-unsafe): nobody sets any
        all.push_back(std::string(name) + "=" + (value == nullptr ? "" : std::string(value) + ":") +
                      "handle_segv=0:handle_sigbus=0:handle_abort=0:handle_sigill=0:handle_sigfpe=0");
    }
#endif
    return all;
}

/// Owns what posix_spawn wants to be told.
struct SpawnPlan {
    posix_spawn_file_actions_t actions{};
    posix_spawnattr_t attributes{};

    explicit SpawnPlan(int control) {
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
        // Standard error stays until the helper has checked who called it; then it is closed as well.
        ::posix_spawn_file_actions_adddup2(&actions, control, kControlFd);
        ::posix_spawn_file_actions_addclosefrom_np(&actions, kControlFd + 1);
        ::posix_spawnattr_init(&attributes);
        sigset_t none, all;
        ::sigemptyset(&none);
        ::sigfillset(&all);
        ::posix_spawnattr_setsigmask(&attributes, &none);
        ::posix_spawnattr_setsigdefault(&attributes, &all);
        // A session of its own: ^C at the terminal is for the host, which knows what to do with it.
        ::posix_spawnattr_setflags(&attributes,
                                   POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
    }
    ~SpawnPlan() {
        ::posix_spawn_file_actions_destroy(&actions);
        ::posix_spawnattr_destroy(&attributes);
    }
    SpawnPlan(const SpawnPlan&) = delete;
    SpawnPlan& operator=(const SpawnPlan&) = delete;
};

Result<Process> spawn(const std::filesystem::path& helper, int control) {
    // Descriptor 3 may be the very one: dup2 to itself would keep it close-on-exec.
    UniqueFd elsewhere;
    if (control == kControlFd) {
        elsewhere.reset(::fcntl(control, F_DUPFD_CLOEXEC, kControlFd + 1));
        control = elsewhere.get();
    }
    const SpawnPlan plan(control);
    std::string program = helper.native();
    std::string identity(wire::kWireIdentity);
    std::string serve = "--serve";
    char* arguments[] = {program.data(), serve.data(), identity.data(), nullptr};
    std::vector<std::string> environment = clean_environment();
    std::vector<char*> variables;
    variables.reserve(environment.size() + 1);
    for (std::string& variable : environment) variables.push_back(variable.data());
    variables.push_back(nullptr);
    pid_t pid = 0;
    const int error =
        ::posix_spawn(&pid, program.c_str(), &plan.actions, &plan.attributes, arguments, variables.data());
    if (error != 0) return util::fail_errno(Errc::plugin, program, "spawn_failed: cannot start it", error);
    UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!pidfd) {
        const int number = errno;
        ::kill(pid, SIGKILL);
        (void)::waitpid(pid, nullptr, 0);
        return util::fail_errno(Errc::plugin, program, "spawn_failed: no pidfd for it", number);
    }
    return Process(pid, std::move(pidfd));
}

}   // namespace

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)), pidfd_(std::move(other.pidfd_)), status_(other.status_) {}

Process& Process::operator=(Process&& other) noexcept {
    std::swap(pid_, other.pid_);
    std::swap(pidfd_, other.pidfd_);
    std::swap(status_, other.status_);
    return *this;
}

Process::~Process() {
    if (pid_ == 0) return;
    kill();
    (void)wait(util::monotonic_ns() + kDeathWait);   // one that the kernel does not let go is left to it
}

void Process::kill() const {
    // A pidfd is never another process's: one that has ended is not signalled.
    if (pidfd_) ::syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0);
}

bool Process::ended() const {
    const int fd = pidfd_.get();
    return wire::wait_any({&fd, 1}, 1);   // 1: long ago, so it only looks
}

std::optional<int> Process::wait(std::uint64_t deadline_ns) {
    const int fd = pidfd_.get();
    if (status_ || pid_ == 0) return status_;
    if (!wire::wait_any({&fd, 1}, deadline_ns)) return std::nullopt;
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0)
        if (errno != EINTR) return status_ = 0;   // somebody else reaped it: how it ended is lost
    return status_ = status;
}

Launcher::Launcher(std::filesystem::path helper)
    : helper_(std::move(helper)), thread_([this](const std::stop_token& stop) { work(stop); }) {}

Launcher::~Launcher() {
    thread_.request_stop();
    changed_.notify_all();
}

Result<Process> Launcher::start(int control) {
    const Lock turn(turn_);
    Result<Process> result = util::fail(Errc::plugin, helper_.native(), "spawn_failed: the host is ending");
    Lock lock(mutex_);
    order_ = {.control = control, .result = &result};
    changed_.notify_all();
    changed_.wait(lock, [this]() ME_REQUIRES(mutex_) { return order_.result == nullptr; });
    return result;
}

void Launcher::work(const std::stop_token& stop) {
    for (;;) {
        Lock lock(mutex_);
        if (!changed_.wait(lock, stop, [this]() ME_REQUIRES(mutex_) { return order_.result != nullptr; }))
            return;
        *order_.result = spawn(helper_, order_.control);
        order_ = {};
        changed_.notify_all();
    }
}

}   // namespace microengine::isolate
