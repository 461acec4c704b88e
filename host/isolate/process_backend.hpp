// SPDX-License-Identifier: MIT
#pragma once
// A backend in processes of its own: one that loads it and forks, and a locked-down worker for each scanner.
// Whatever a plugin does there costs its own vote and nothing else.

#include "host/isolate/isolation.hpp"
#include "host/plugin/in_process_backend.hpp"
#include "host/plugin/vet.hpp"

#include <memory>

namespace microengine::isolate {

/// Starts a helper, opens the backend in it and has a first worker probed and locked down. Reason codes:
/// sandbox_unavailable, those of Zygote::start() and Zygote::start_worker(). The request's temp_dir is not
/// used. Several calls may run at the same time.
[[nodiscard]] util::Result<std::unique_ptr<plugin::Backend>> open_isolated(Isolation& isolation,
                                                                           const plugin::Vetted& plugin,
                                                                           plugin::OpenRequest request);

}   // namespace microengine::isolate
