// SPDX-License-Identifier: MIT
#include "host/helper/zygote_loop.hpp"

#include "host/helper/log_to_host.hpp"
#include "host/helper/nursery.hpp"
#include "host/helper/worker_loop.hpp"
#include "host/plugin/card.hpp"
#include "host/plugin/elf.hpp"
#include "host/plugin/in_process_backend.hpp"
#include "host/plugin/library.hpp"
#include "host/util/allocator.hpp"
#include "host/util/text.hpp"

#include <array>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

namespace microengine::helper {

using util::Result;
using wire::Got;

namespace {

/// How many threads this process has; a fork takes only one along.
std::uint32_t count_threads() {
    std::uint32_t count = 0;
    std::error_code ignored;
    for (std::filesystem::directory_iterator thread("/proc/self/task", ignored), end;
         !ignored && thread != end; thread.increment(ignored))
        ++count;
    return count == 0 ? 1 : count;
}

struct Loaded {
    plugin::Card card;
    const me_plugin_v1* table = nullptr;
    /// Once loaded the file's own bytes are needed no more; its descriptor stays open for life.
    plugin::SealedCopy copy;
};

/// From the sealed copy to the plugin's table. The host has vetted these very bytes; nothing else is
/// believed.
Result<Loaded> load(util::UniqueFd fd, const std::string& path) {
    plugin::SealedCopy copy = ME_TRY(plugin::SealedCopy::adopt(std::move(fd), path));
    const plugin::NoteLocation note = ME_TRY(plugin::find_note(copy.bytes(), path));
    plugin::Card card = ME_TRY(plugin::read_card(note.description, path));
    const me_plugin_v1* const table = ME_TRY(plugin::load_library(
        {.path = path, .copy = copy, .description = note.description, .note_address = note.address}));
    return Loaded{.card = std::move(card), .table = table, .copy = std::move(copy)};
}

Result<std::unique_ptr<plugin::InProcessBackend>> open(const Loaded& loaded, const wire::OpenBackend& order) {
    core::BackendPolicy policy;
    policy.name = order.backend;
    plugin::OpenRequest request{.policy = std::move(policy),
                                .settings = order.settings,
                                .deadline = core::Deadline(order.deadline_ns),
                                .temp_dir = std::nullopt};
    if (!order.temp_dir.empty()) request.temp_dir = order.temp_dir;
    return plugin::InProcessBackend::open(loaded.card, loaded.table, std::move(request));
}

int refuse(wire::Channel& control, const util::Error& error) {
    (void)control.send(
        wire::Refused{.place = error.place.substr(0, wire::kMaxLabel),
                      .text = std::string(util::cut(util::to_utf8(error.message), wire::kMaxRefusal))});
    return 1;
}

/// Forks one worker a message, until the host goes away.
int fork_for_ever(wire::Channel& control, plugin::InProcessBackend& backend, const wire::Jail& jail) {
    Nursery nursery;
    for (;;) {
        nursery.wait(control.fd());
        switch (control.receive()) {
            case Got::nothing:
                continue;
            case Got::closed:
            case Got::broken:
                return 0;
            case Got::message:
                break;
        }
        const auto order = wire::decode<wire::StartWorker>(control.bytes());
        if (!order || control.fds().size() != 3) return 1;
        WorkerStart start{.order = *order,
                          .jail = jail,
                          .channel = wire::Channel(std::move(control.fds()[0])),
                          .control_page = std::move(control.fds()[2])};
        wire::Channel fate(std::move(control.fds()[1]));
        if (order->in_this_process) {
            if (!fate.send(wire::Forked{.pid = ::getpid()})) return 1;
            control.close();
            run_worker(backend, std::move(start));
        }
        if (nursery.fork(std::move(fate)) == Nursery::Side::child) {
            control.close();
            run_worker(backend, std::move(start));
        }
    }
}

}   // namespace

int serve(wire::Channel control) {
    const std::uint32_t own = count_threads();   // a sanitizer has some of its own
    if (control.wait(0) != Got::message) return 1;
    const auto order = wire::decode<wire::OpenBackend>(control.bytes());
    if (!order || control.fds().size() != 1) return 1;
    util::UniqueFd fd = std::move(control.fds().front());
    log_to(&control);
    auto loaded = load(std::move(fd), order->plugin);
    if (!loaded) return refuse(control, loaded.error());
    if (!control.send(wire::Ready{})) return 1;
    auto backend = open(*loaded, *order);
    if (!backend) return refuse(control, backend.error());
    util::give_back_free_memory();
    if (!control.send(wire::Opened{.signatures = (*backend)->facts()->signatures,
                                   .threads = count_threads() - own + 1}))
        return 1;
    log_to(nullptr);
    const int status = fork_for_ever(control, **backend, order->jail);
    // Nobody waits for an orderly end; the plugin's own closing must not get in its way.
    ::_exit(status);
}

}   // namespace microengine::helper
