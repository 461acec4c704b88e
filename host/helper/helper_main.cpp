// SPDX-License-Identifier: MIT
// microengine-backend: one backend in a process of its own. Started by the host, which talks to it over
// descriptor 3; of no use to people.
#include "host/helper/zygote_loop.hpp"
#include "host/util/allocator.hpp"
#include "host/wire/messages.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <string_view>

namespace {

using namespace microengine;   // NOLINT(google-build-using-namespace): a main

constexpr int kControlFd = 3;

/// Nobody reads what libraries print; and a terminal must not be steered by a plugin.
void silence() {
#if !defined(ME_SANITIZED)
    const int null = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (null >= 0) {
        ::dup2(null, STDERR_FILENO);
        ::close(null);
    }
#endif
}

}   // namespace

int main(int argc, char** argv) {
    if (argc != 3 || std::string_view(argv[1]) != "--serve") {
        std::fputs(
            "microengine-backend runs one backend for microengine, which starts it by itself.\n"
            "To scan, use 'microengine scan'; to see the backends, 'microengine backends'.\n",
            stderr);
        return wire::kNotForPeople;
    }
    if (argv[2] != wire::kWireIdentity) return wire::kOtherBuild;
    // The host is our parent; without it there is nothing to do.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::prctl(PR_SET_DUMPABLE, 0);
    ::signal(SIGPIPE, SIG_IGN);
    silence();
    // The folder it was started in is none of its business, and shall not be kept from being unmounted.
    if (::chdir("/") != 0) return 70;
    util::tune_allocator();
    try {
        return helper::serve(wire::Channel(util::UniqueFd(kControlFd)));
    } catch (const std::exception& e) {
        std::fprintf(stderr, "microengine-backend: error: %s\n", e.what());
        return 70;
    }
}
