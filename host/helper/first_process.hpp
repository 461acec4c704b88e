// SPDX-License-Identifier: MIT
#pragma once
// A worker that starts programs is the first process of a namespace: when that ends, however it ends, the
// kernel ends all others in it, whatever they did to become independent.

#include <string>

namespace microengine::helper {

/// After leave_namespaces() with jail.own_processes. Returns in a child, which is the first process of the
/// new namespace, in a session of its own; or what failed, as a sentence. The caller stays behind as its
/// guard: it ends as the child ended, and takes it along when it is killed, so to the host it is the worker.
/// Only thread.
[[nodiscard]] std::string become_first_process();

/// In the first process: ends everything else in the namespace, and buries it. One thread at a time, and
/// while no other waits for children.
void end_other_processes();

}   // namespace microengine::helper
