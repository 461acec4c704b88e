// SPDX-License-Identifier: MIT
#include "host/app/options.hpp"
#include "host/app/run.hpp"
#include "host/app/signals.hpp"
#include "host/util/allocator.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

namespace {

/// A closed standard descriptor would be given to the next file that is opened. Results that nobody can read
/// must fail, and so must reading an input that is not there: open for writing only, it is no empty file.
void fill_standard_descriptors() {
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (::fcntl(fd, F_GETFD) < 0) (void)::open(fd == STDOUT_FILENO ? "/dev/full" : "/dev/null", O_WRONLY);
}

/// Isolated backends take some descriptors for each slot: as many as the system grants.
void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

bool g_finished = false;

/// A backend in this process that calls exit() must not have its status say that all was judged.
void exit_is_failure() {
    if (g_finished) return;
    (void)std::fflush(nullptr);
    (void)std::fputs("microengine: error: a backend that runs in process ended the program\n", stderr);
    ::_exit(70);
}

int finish(int status) {
    g_finished = true;
    return status;
}

}   // namespace

int main(int argc, char** argv) {
    fill_standard_descriptors();
    raise_descriptor_limit();
    // A limit on file sizes must not end us without a word; and who started us may not care for children, we
    // do.
    ::signal(SIGXFSZ, SIG_IGN);
    ::signal(SIGCHLD, SIG_DFL);
    microengine::util::tune_allocator();
    (void)std::atexit(exit_is_failure);
    try {
        const microengine::app::Parsed parsed = microengine::app::parse_options(argc, argv);
        if (!parsed.options) return finish(parsed.exit_code);
        microengine::app::SignalWatch signals(microengine::app::is_daemon(parsed.options->command));
        return finish(microengine::app::run(*parsed.options, signals));
    } catch (const std::exception& e) {
        std::fprintf(stderr, "microengine: error: %s\n", e.what());
        return finish(70);
    }
}
