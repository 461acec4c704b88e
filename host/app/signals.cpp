// SPDX-License-Identifier: MIT
#include "host/app/signals.hpp"

#include "host/util/result.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cstdint>
#include <utility>

namespace microengine::app {

SignalWatch::SignalWatch(bool hangup) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    if (hangup) sigaddset(&set, SIGHUP);
    util::ensure(pthread_sigmask(SIG_BLOCK, &set, nullptr) == 0, "signals can be blocked");
    // A reader that goes away is seen where we write.
    ::signal(SIGPIPE, SIG_IGN);
    signals_.reset(::signalfd(-1, &set, SFD_CLOEXEC));
    ending_.reset(::eventfd(0, EFD_CLOEXEC));
    stopping_.reset(::eventfd(0, EFD_CLOEXEC));
    util::ensure(signals_.get() >= 0 && stopping_.get() >= 0 && ending_.get() >= 0, "signals can be watched");
}

SignalWatch::~SignalWatch() { stop(); }

void SignalWatch::start(std::function<void(int)> on_first) {
    thread_ = std::jthread([this, on_first = std::move(on_first)] { watch(on_first); });
}

void SignalWatch::on_hangup(std::function<void()> reload) {
    const std::scoped_lock lock(mutex_);
    reload_ = std::move(reload);
}

void SignalWatch::end() {
    const std::uint64_t one = 1;
    (void)!::write(stopping_.get(), &one, sizeof one);
}

void SignalWatch::stop() {
    if (!thread_.joinable()) return;
    const std::uint64_t one = 1;
    util::ensure(::write(ending_.get(), &one, sizeof one) == sizeof one, "the watch can be ended");
    thread_.join();
}

void SignalWatch::watch(const std::function<void(int)>& on_first) {
    for (;;) {
        pollfd ready[2] = {{signals_.get(), POLLIN, 0}, {ending_.get(), POLLIN, 0}};
        if (::poll(ready, 2, -1) < 0) continue;
        if (ready[1].revents != 0) return;
        signalfd_siginfo info{};
        if (::read(signals_.get(), &info, sizeof info) != sizeof info) continue;
        const int number = static_cast<int>(info.ssi_signo);
        if (number == SIGHUP) {
            const std::scoped_lock lock(mutex_);
            if (reload_) reload_();
            continue;
        }
        if (caught_ != 0) ::_exit(128 + number);
        caught_ = number;
        const std::uint64_t one = 1;
        util::ensure(::write(stopping_.get(), &one, sizeof one) == sizeof one, "waiting can be ended");
        on_first(number);
    }
}

}   // namespace microengine::app
