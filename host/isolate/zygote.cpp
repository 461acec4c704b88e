// SPDX-License-Identifier: MIT
#include "host/isolate/zygote.hpp"

#include "host/util/clock.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <utility>

namespace microengine::isolate {

using util::Errc;
using util::Lock;
using util::Result;
using wire::Got;

namespace {

constexpr std::uint64_t kForkWait = 5'000'000'000;    // ns: a zygote does nothing but fork
constexpr std::uint64_t kDeathWait = 2'000'000'000;   // ns

}   // namespace

Result<std::unique_ptr<Zygote>> Zygote::start(Launcher& launcher, int plugin, const wire::OpenBackend& order,
                                              int stop) {
    auto [ours, theirs] = ME_TRY(wire::Channel::make());
    std::unique_ptr<Zygote> zygote(new Zygote);
    zygote->backend_ = order.backend;
    zygote->process_ = ME_TRY(launcher.start(theirs.get()));
    {
        const Lock lock(zygote->mutex_);
        zygote->control_ = std::move(ours);
    }
    theirs.reset();
    ME_CHECK(zygote->open(plugin, order, stop));
    return zygote;
}

Result<void> Zygote::open(int plugin, const wire::OpenBackend& order, int stop) {
    const Lock lock(mutex_);
    const auto refuse = [&](const std::string& text) { return util::fail(Errc::plugin, backend_, text); };
    std::string bytes;
    wire::encode(order, bytes);
    if (bytes.size() > wire::kMaxMessage)
        return refuse("spawn_failed: its settings have " + std::to_string(bytes.size()) + " bytes, at most " +
                      std::to_string(wire::kMaxMessage) + " can be handed over");
    // If the helper is gone already, the end of the channel says so below.
    (void)control_.send_bytes(bytes, {&plugin, 1}, wire::Channel::Patience::wait);
    bool loaded = false;
    Got got = Got::nothing;
    while ((got = control_.wait(order.deadline_ns, stop)) == Got::message) {
        const std::string_view answer = control_.bytes();
        if (auto refused = wire::decode<wire::Refused>(answer))
            return util::fail(Errc::plugin, refused->place, refused->text);
        if (auto opened = wire::decode<wire::Opened>(answer)) {
            opened_ = *std::move(opened);
            return {};
        }
        if (const auto said = wire::decode<wire::Said>(answer))
            print(*said, backend_);
        else if (wire::decode<wire::Ready>(answer))
            loaded = true;   // what comes now is the opening
        else
            return refuse("spawn_failed: the helper speaks nonsense");
    }
    if (got == Got::broken) return refuse("spawn_failed: the helper speaks nonsense");
    if (got == Got::nothing) return refuse("open_timeout: it was not open in time");
    const auto status = process_.wait(util::monotonic_ns() + kDeathWait);
    if (status && WIFEXITED(*status) && WEXITSTATUS(*status) == wire::kOtherBuild)
        return refuse("spawn_failed: the helper is of another build; install both together");
    return refuse((loaded ? "open_crashed: " : "load_crashed: ") +
                  (status ? describe_death(*status).why : "it ended"));
}

Result<std::unique_ptr<Worker>> Zygote::start_worker(WorkerOrder order) {
    auto [ours, theirs] = ME_TRY(wire::Channel::make());
    auto [fate, told] = ME_TRY(wire::Channel::make());
    const auto gone = [&](const std::string& text) {
        gone_ = true;
        return util::fail(Errc::io, backend_, text);
    };
    {
        const Lock lock(mutex_);
        const std::array<int, 3> fds{theirs.get(), told.get(), order.control_page};
        if (!control_.send(wire::StartWorker{.in_this_process = order.in_this_process,
                                             .full_probe = order.full_probe,
                                             .temp_dir = order.temp_dir.path()},
                           fds, wire::Channel::Patience::refuse))
            return gone("its helper process ended");
    }
    theirs.reset();
    told.reset();
    const std::uint64_t patience = util::monotonic_ns() + kForkWait;
    const Got got =
        fate.wait(order.deadline_ns == 0 ? patience : std::min(patience, order.deadline_ns), order.stop);
    if (got == Got::nothing && util::monotonic_ns() >= patience) {
        kill();   // it neither lives nor dies: whatever it is, it is of no use
        return gone("its helper process does not answer");
    }
    if (got == Got::nothing) return util::fail(Errc::cancelled, backend_, "its helper process is slow");
    const auto forked = wire::decode<wire::Forked>(fate.bytes());
    if (!forked || (!order.in_this_process && fate.fds().size() != 1)) {
        if (process_.ended()) return gone("its helper process ended");
        return util::fail(Errc::limit, backend_,
                          "no worker could be forked: out of processes, memory or descriptors");
    }
    util::UniqueFd pidfd = order.in_this_process ? util::UniqueFd() : std::move(fate.fds().front());
    auto worker = std::make_unique<Worker>(Worker::Parts{.backend = backend_,
                                                         .channel = std::move(ours),
                                                         .fate = std::move(fate),
                                                         .pidfd = std::move(pidfd),
                                                         .pid = forked->pid,
                                                         .temp_dir = std::move(order.temp_dir)});
    // The caller keeps the helper beside it when the helper is the worker.
    if (order.in_this_process) return worker;
    if (auto ready = worker->wait_ready(order.deadline_ns, order.stop); !ready) {
        if (ready.error().code == Errc::io) gone_ = true;
        return std::unexpected(std::move(ready).error());
    }
    return worker;
}

}   // namespace microengine::isolate
