// SPDX-License-Identifier: MIT
#include "host/frontends/ambassador/child.hpp"

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>
#include <vector>

namespace microengine::ambassador {

namespace {

using util::Errc;
using util::fail_errno;
using util::UniqueFd;

constexpr std::array<std::string_view, 5> kWithheld{
    "MICROENGINE_POLYSWARM_SECRET=", "MICROENGINE_CONFIG=", "NOTIFY_SOCKET=", "WATCHDOG_USEC=", "LISTEN_"};
constexpr std::size_t kLastWords = 600;
constexpr int kLookForStopMs = 100;
constexpr auto kLogPatience = std::chrono::seconds(2);

std::vector<char*> environment() {
    std::vector<char*> all;
    for (char** variable = environ; *variable != nullptr; ++variable)
        if (std::ranges::none_of(kWithheld, [&](std::string_view name) {
                return std::string_view(*variable).starts_with(name);
            }))
            all.push_back(*variable);
    all.push_back(nullptr);
    return all;
}

/// In the child, where other threads' locks may be held for ever: system calls only.
[[noreturn]] void become(const char* program, char* const* arguments, char* const* variables, int log,
                         pid_t parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);   // it has ended meanwhile
    sigset_t none;
    ::sigemptyset(&none);
    (void)::sigprocmask(SIG_SETMASK, &none, nullptr);   // NOLINT(concurrency-mt-unsafe): one thread is left
    // A session of its own: ^C at the terminal is for us.
    (void)::setsid();
    const int nothing = ::open("/dev/null", O_RDWR);   // NOLINT(cppcoreguidelines-pro-type-vararg)
    if (nothing >= 0 && ::dup2(nothing, STDIN_FILENO) >= 0 && ::dup2(nothing, STDOUT_FILENO) >= 0 &&
        ::dup2(log, STDERR_FILENO) >= 0)
        ::execve(program, arguments, variables);
    ::_exit(127);
}

int code_of(const siginfo_t& info) {
    return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

}   // namespace

std::optional<std::string> listening_address(std::string_view line) {
    const auto event = nlohmann::json::parse(line, nullptr, false);
    if (!event.is_object() || event.value("event", "") != "listening" ||
        event.value("frontend", "") != "http")
        return std::nullopt;
    return event.value("address", "");
}

util::Result<std::unique_ptr<Child>> Child::start(const std::filesystem::path& program,
                                                  const std::filesystem::path& config) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return fail_errno(Errc::io, program.native(), "no pipe for its log", errno);
    UniqueFd ours(ends[0]);
    const UniqueFd its(ends[1]);
    std::vector<std::string> words{program.native(), "--config",    config.native(), "--log-format",
                                   "json",           "--log-level", "debug",         "serve"};
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::vector<char*> variables = environment();
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid == 0) become(program.c_str(), arguments.data(), variables.data(), its.get(), parent);
    if (pid < 0) return fail_errno(Errc::io, program.native(), "cannot be started", errno);
    UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));   // NOLINT: there is no other way
    if (!pidfd) {
        const int number = errno;
        (void)::kill(pid, SIGKILL);
        (void)::waitpid(pid, nullptr, 0);
        return fail_errno(Errc::io, program.native(), "cannot be watched", number);
    }
    return std::unique_ptr<Child>(new Child(pid, std::move(pidfd), std::move(ours)));
}

Child::Child(pid_t pid, UniqueFd pidfd, UniqueFd log)
    : pid_(pid),
      pidfd_(std::move(pidfd)),
      log_fd_(std::move(log)),
      reader_([this](const std::stop_token& stop) { read_log(stop); }) {}

Child::~Child() {
    signal(SIGKILL);
    (void)wait(Clock::time_point::max());
}

void Child::read_log(const std::stop_token& stop) {
    std::array<char, 65536> piece{};
    std::string line;
    while (!stop.stop_requested()) {
        // A process that it left behind may hold the other end open: nobody waits for that.
        pollfd state{.fd = log_fd_.get(), .events = POLLIN, .revents = 0};
        if (::poll(&state, 1, kLookForStopMs) == 0) continue;
        const ssize_t got = ::read(log_fd_.get(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        const util::Lock lock(mutex_);
        ended_ = got <= 0;
        changed_.notify_all();
        if (ended_) return;
        const std::string_view text(piece.data(), static_cast<std::size_t>(got));
        log_ += text;
        for (const char c : text) {
            if (c != '\n') {
                line += c;
                continue;
            }
            if (!address_) address_ = listening_address(line);
            line.clear();
        }
    }
}

std::string Child::last_words() {
    const std::string all = log();
    return all.size() <= kLastWords ? all : "…" + all.substr(all.size() - kLastWords);
}

util::Result<std::string> Child::address(Clock::time_point until) {
    {
        util::Lock lock(mutex_);
        (void)changed_.wait_until(lock, until,
                                  [this]() ME_REQUIRES(mutex_) { return ended_ || address_.has_value(); });
        if (address_) return *address_;
    }
    // Its log ends a moment before it does.
    const auto code = wait(std::min(until, Clock::now() + kLogPatience));
    return util::fail(Errc::io, "the engine",
                      (code ? "ended with " + std::to_string(*code) : "does not listen yet") +
                          "; its log: " + last_words());
}

void Child::signal(int number) {
    if (!code_)
        (void)::syscall(SYS_pidfd_send_signal, pidfd_.get(), number, nullptr, 0);   // NOLINT: as above
}

std::optional<int> Child::wait(Clock::time_point until) {
    while (!code_) {
        const auto left =
            until == Clock::time_point::max()
                ? milliseconds(-1)
                : std::max(std::chrono::ceil<milliseconds>(until - Clock::now()), milliseconds(0));
        pollfd state{.fd = pidfd_.get(), .events = POLLIN, .revents = 0};
        const int got = ::poll(&state, 1, static_cast<int>(left.count()));
        if (got == 0) return std::nullopt;
        siginfo_t info{};
        if (got > 0 && ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED) == 0) code_ = code_of(info);
    }
    return code_;
}

std::string Child::log() {
    util::Lock lock(mutex_);
    if (code_)
        (void)changed_.wait_until(lock, Clock::now() + kLogPatience,
                                  [this]() ME_REQUIRES(mutex_) { return ended_; });
    return log_;
}

}   // namespace microengine::ambassador
