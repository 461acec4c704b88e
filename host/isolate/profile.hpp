// SPDX-License-Identifier: MIT
#pragma once
// The system calls a locked-down worker may make: those that scanning memory takes, and those of the rights
// its plugin declares. Everything else kills it; where it starts programs, it fails instead.

#include "host/util/result.hpp"

#include <cstdint>
#include <string>

namespace microengine::isolate {

/// Whether a worker with the network may connect to socket files. No filter, and Landlock no more, can tell
/// which ones.
enum class SocketFiles : std::uint8_t { no, all };

/// The filter for a worker with these ME_NEED_*: sock_filter records for this machine's kernel, to be
/// installed with the worker's process id in place of wire::kOwnPid, which is in it unless the worker starts
/// programs. Pure but for a memory file; any thread.
[[nodiscard]] util::Result<std::string> seccomp_filter(std::uint32_t needs,
                                                       SocketFiles socket_files = SocketFiles::no);

}   // namespace microengine::isolate
