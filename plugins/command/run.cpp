// SPDX-License-Identifier: MIT
#include "run.hpp"

#include <microengine/plugin.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace microengine::command {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kBetweenPolls(20);
constexpr std::size_t kMostErrors = 2048;
constexpr int kMostLastReads = 64;   // of a pipe that somebody else still fills

[[noreturn]] void no_descriptor() {
    throw Error(ME_E_FAILED, "no pipe: " + std::generic_category().message(errno));
}

/// Away from 0 to 2, which are the program's.
int high(int fd) {
    if (fd < 0) no_descriptor();
    if (fd > 2) return fd;
    const Fd low(fd);
    const int moved = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (moved < 0) no_descriptor();
    return moved;
}

struct Pipe {
    Fd read, write;
    Pipe() {
        std::array<int, 2> ends{-1, -1};
        if (pipe2(ends.data(), O_CLOEXEC) != 0) no_descriptor();
        read = Fd(high(ends[0]));
        write = Fd(high(ends[1]));
    }
};
void unblock(const Fd& fd) { fcntl(fd.get(), F_SETFL, fcntl(fd.get(), F_GETFL) | O_NONBLOCK); }

/// Reads once; false: nothing is there, or nothing more will be. What is above `most` is dropped.
bool drain(Fd& fd, std::string& into, std::size_t most, bool* cut) {
    std::array<char, 16384> space;
    const ssize_t got = fd.get() < 0 ? 0 : read(fd.get(), space.data(), space.size());
    if (got < 0) return false;   // EAGAIN
    if (got == 0) {
        fd.reset();
        return false;
    }
    const std::size_t kept = std::min(most - into.size(), static_cast<std::size_t>(got));
    into.append(space.data(), kept);
    if (kept < static_cast<std::size_t>(got) && cut != nullptr) *cut = true;
    return true;
}

/// One program's pipes. We keep the reading end of its input: what it left there can be counted, and writing
/// never is a signal.
struct Talk {
    Pipe in, out, err;
    Ended ended;
    std::string_view rest;

    void feed() {
        const ssize_t wrote = write(in.write.get(), rest.data(), std::min<std::size_t>(rest.size(), 65536));
        if (wrote > 0) rest.remove_prefix(static_cast<std::size_t>(wrote));
        if (rest.empty() || (wrote < 0 && errno != EAGAIN && errno != EINTR)) in.write.reset();
    }
    bool read_output(const Watch& watch) {
        return drain(out.read, ended.output, watch.max_output_bytes, &ended.cut);
    }
    bool read_errors() { return drain(err.read, ended.errors, kMostErrors, nullptr); }
};

/// Until it ends or must; false: it must.
bool watch_it(const Process& process, Talk& talk, const Watch& watch) {
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(watch.until - Clock::now()) +
                          std::chrono::milliseconds(1);
        if (Clock::now() >= watch.until) return talk.ended.how = Ended::How::late, false;
        if (watch.stop()) return talk.ended.how = Ended::How::stopped, false;
        std::array<pollfd, 4> fds{{{process.fd(), POLLIN, 0},
                                   {talk.out.read.get(), POLLIN, 0},
                                   {talk.err.read.get(), POLLIN, 0},
                                   {talk.in.write.get(), POLLOUT, 0}}};
        (void)poll(fds.data(), fds.size(), static_cast<int>(std::min(left, kBetweenPolls).count()));
        if (fds[1].revents != 0) (void)talk.read_output(watch);
        if (fds[2].revents != 0) (void)talk.read_errors();
        if (fds[3].revents != 0) talk.feed();
        if (fds[0].revents != 0) return true;
    }
}

}   // namespace

Ended run(Start start, std::string_view input, bool by_pipe, const Watch& watch) {
    Talk talk;
    talk.rest = input;
    const Fd nothing(by_pipe ? -1 : high(open("/dev/null", O_RDONLY | O_CLOEXEC)));
    start.in = by_pipe ? talk.in.read.get() : nothing.get();
    start.out = talk.out.write.get();
    start.err = talk.err.write.get();
    if (!by_pipe || input.empty()) talk.in.write.reset();
    for (const Fd* fd : {&talk.out.read, &talk.err.read, &talk.in.write})
        if (fd->get() >= 0) unblock(*fd);
    Process process(start);
    talk.out.write.reset();
    talk.err.write.reset();
    const bool by_itself = watch_it(process, talk, watch);
    const int status = process.end();
    for (int i = 0; i < kMostLastReads && talk.read_output(watch); ++i) {
    }
    for (int i = 0; i < kMostLastReads && talk.read_errors(); ++i) {
    }
    Ended& ended = talk.ended;
    int waiting = 0;
    if (by_pipe && ioctl(talk.in.read.get(), FIONREAD, &waiting) == 0)
        ended.unread = talk.rest.size() + static_cast<std::size_t>(waiting);
    if (!by_itself || status < 0) return std::move(ended);
    ended.how = WIFSIGNALED(status) ? Ended::How::signalled : Ended::How::exited;
    ended.code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    return std::move(ended);
}

}   // namespace microengine::command
