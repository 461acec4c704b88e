// SPDX-License-Identifier: MIT
#include "host/conformance/child.hpp"

#include "host/isolate/answer.hpp"
#include "host/isolate/kernel.hpp"
#include "host/util/clock.hpp"
#include "host/util/text.hpp"
#include "host/util/unique_fd.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <string>

namespace microengine::conformance {

using util::UniqueFd;

namespace {

constexpr int kNotesFd = 200;   // out of the way of a plugin that counts on small numbers
constexpr rlim_t kMostMemory = rlim_t{4} << 30;

/// What the other process writes to, and what we read.
struct Ends {
    UniqueFd read, write, output, errors;
};
bool make(Ends& ends) {
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return false;
    ends.read = UniqueFd(pipe[0]);
    ends.write = UniqueFd(pipe[1]);
    ends.output = UniqueFd(::memfd_create("output", MFD_CLOEXEC));
    ends.errors = UniqueFd(::memfd_create("errors", MFD_CLOEXEC));
    return ends.output && ends.errors;
}

/// In the new process: never returns.
[[noreturn]] void be_child(Subject& subject, const Test& test, const Ends& ends, pid_t parent) {
    (void)::setpgid(0, 0);
    (void)::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);   // it ended before we said so
    const UniqueFd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (nothing) (void)::dup2(nothing.get(), STDIN_FILENO);
    if (ends.output) (void)::dup2(ends.output.get(), STDOUT_FILENO);
    if (ends.errors) (void)::dup2(ends.errors.get(), STDERR_FILENO);
    (void)::dup3(ends.write.get(), kNotesFd, O_CLOEXEC);
    const rlimit none{.rlim_cur = 0, .rlim_max = 0};
    (void)::setrlimit(RLIMIT_CORE, &none);
    if (rlimit memory{}; !isolate::sanitizer_build() && ::getrlimit(RLIMIT_DATA, &memory) == 0) {
        memory.rlim_cur = std::min(memory.rlim_max, kMostMemory);
        (void)::setrlimit(RLIMIT_DATA, &memory);
    }
    Notebook notes(kNotesFd);
    try {
        test.run(test, subject, notes);
    } catch (const std::exception& e) {
        notes.fail("the test itself failed: " + std::string(e.what()), "give it more memory or descriptors");
    }
    notes.end();
    ::_exit(0);   // the plugin's destructors have a test of their own
}

/// The process and its like; reads until it is over. True: it had to be ended.
class Watch {
public:
    Watch(const Subject& subject, pid_t child, int notes)
        : pidfd_(static_cast<int>(::syscall(SYS_pidfd_open, child, 0))),
          notes_fd_(notes),
          limit_(static_cast<std::uint64_t>(std::chrono::nanoseconds(subject.options.step_limit).count())) {}

    bool until_end(Notes& notes) {
        std::uint64_t since = util::monotonic_ns();
        for (;;) {
            std::array<pollfd, 2> ends{pollfd{notes_fd_, POLLIN, 0}, pollfd{pidfd_.get(), POLLIN, 0}};
            const std::uint64_t gone = util::monotonic_ns() - since;
            if (gone >= limit_) return true;
            constexpr std::uint64_t millisecond = 1'000'000;
            (void)::poll(ends.data(), ends.size(), static_cast<int>((limit_ - gone) / millisecond + 1));
            if ((ends[0].revents & (POLLIN | POLLHUP)) != 0) {
                if (read_some(notes)) since = util::monotonic_ns();
                continue;   // what it wrote comes before how it ended
            }
            if (ends[1].revents != 0) return false;
        }
    }

private:
    bool read_some(Notes& notes) {
        std::array<char, 4096> some{};
        const ssize_t got = ::read(notes_fd_, some.data(), some.size());
        if (got <= 0) {
            notes_fd_ = -1;   // nobody writes any more
            return false;
        }
        rest_.append(some.data(), static_cast<std::size_t>(got));
        bool any = false;
        for (std::size_t end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n')) {
            take_line(notes, std::string_view(rest_).substr(0, end));
            rest_.erase(0, end + 1);
            any = true;
        }
        return any;
    }

    UniqueFd pidfd_;
    int notes_fd_;
    std::uint64_t limit_;
    std::string rest_;   // of a line
};

/// The last lines that it wrote there: of a sanitizer, of the C++ library, of an assertion.
std::string last_words(int fd) {
    constexpr off_t most = 600;
    const off_t size = ::lseek(fd, 0, SEEK_END);
    std::string text(static_cast<std::size_t>(std::clamp<off_t>(size, 0, most)), '\0');
    const ssize_t got = ::pread(fd, text.data(), text.size(), size > most ? size - most : 0);
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    while (text.ends_with('\n')) text.pop_back();
    return util::printable(text.substr(text.find_last_of('\n') + 1));
}

void add_death(Notes& notes, int status, bool ended_by_us, const Subject& subject, int errors) {
    const std::string when = notes.step.empty() ? "" : " " + notes.step;
    if (ended_by_us) {
        notes.findings.push_back(
            {.reason =
                 "nothing happened for " + std::to_string(subject.options.step_limit.count()) + " s" + when,
             .fix = "a host would kill it: find the loop with gdb -p, or give it more time with --timeout"});
        return;
    }
    if (notes.ended && status == 0) return;
    const std::string words = last_words(errors);
    notes.findings.push_back(
        {.reason = isolate::describe_death(status).why + when + (words.empty() ? "" : ": " + words),
         .fix = WIFSIGNALED(status) ? "gdb --args microengine scan --plugin shows where; artifacts end at "
                                      "the border of unreadable memory, so a read beyond them crashes"
                                    : "law L7: a plugin never calls exit; return a status"});
}

}   // namespace

Notes run_in_child(Subject& subject, const Test& test) {
    Notes notes;
    Ends ends;
    const pid_t parent = ::getpid();
    const pid_t child = make(ends) ? ::fork() : -1;
    if (child < 0) {
        notes.findings.push_back({.reason = "no process for the test: " + util::errno_text(errno),
                                  .fix = "end some others, and try again"});
        return notes;
    }
    if (child == 0) be_child(subject, test, ends, parent);
    ends.write.reset();
    const bool late = Watch(subject, child, ends.read.get()).until_end(notes);
    // What it started goes with it; itself, it is still there to be waited for.
    (void)::kill(-child, SIGKILL);
    (void)::kill(child, SIGKILL);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    add_death(notes, status, late, subject, ends.errors.get());
    return notes;
}

}   // namespace microengine::conformance
