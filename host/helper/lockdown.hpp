// SPDX-License-Identifier: MIT
#pragma once
// A worker gives up its rights, in the order of these functions. Each returns what failed, as a sentence, or
// an empty string; a worker for which one failed must not scan. Called once each, by the only thread.
//
// What starts a thread of the helper's own does so between enter_landlock and install_filter: a Landlock
// domain, capabilities and a user namespace are a thread's, and are inherited; the filter reaches all
// threads.

#include "host/wire/messages.hpp"

#include <string>

namespace microengine::helper {

/// If the jail has mounts or processes of its own: leaves those of the others. Its children then, not itself,
/// are in the new process namespace; see become_first_process().
[[nodiscard]] std::string leave_namespaces(const wire::Jail& jail);

/// If jail.temp_bytes says so: a file system of that size, seen by this process alone, mounted at `path`,
/// which exists. After leave_namespaces(). It is gone when the process is. Whoever the worker becomes must be
/// able to search the folders above.
[[nodiscard]] std::string mount_temp_dir(const wire::Jail& jail, const std::string& path);

/// From root to jail.user, without a way back; no capabilities, from wherever they came; nobody of the same
/// user may trace it or read its memory.
[[nodiscard]] std::string become_user(const wire::Jail& jail);

/// Memory from the present size on, files, descriptors, processor time. Reads /proc.
[[nodiscard]] std::string set_limits(const wire::Jail& jail);

/// If jail.landlock: no files but the temporary directory ("": none) and jail.read_paths, of which missing
/// ones are left out, for executing too if it starts programs; no TCP unless it needs the network; no signals
/// to others. All that this kernel knows.
[[nodiscard]] std::string enter_landlock(const wire::Jail& jail, const std::string& temp_dir);

/// No more processes, and no threads, unless it needs them; then, unless it is empty, the filter, for all
/// threads.
[[nodiscard]] std::string install_filter(const wire::Jail& jail);

}   // namespace microengine::helper
