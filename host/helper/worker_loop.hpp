// SPDX-License-Identifier: MIT
#pragma once
// The life of a worker: open one scanner, prove it on canaries, lock the process down, and from then on only
// scan what the host sends.

#include "host/plugin/in_process_backend.hpp"
#include "host/util/unique_fd.hpp"
#include "host/wire/channel.hpp"
#include "host/wire/messages.hpp"

namespace microengine::helper {

struct WorkerStart {
    wire::StartWorker order;
    wire::Jail jail;
    wire::Channel channel;
    util::UniqueFd control_page;
};

/// Ends the process when the host closes the channel.
[[noreturn]] void run_worker(plugin::InProcessBackend& backend, WorkerStart start);

}   // namespace microengine::helper
