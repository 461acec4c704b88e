// SPDX-License-Identifier: MIT
#pragma once
// How much memory there is and who has it: proc(5), and the limits of control groups (version 2).

#include <sys/types.h>

#include <cstdint>
#include <limits>

namespace microengine::util {

inline constexpr std::uint64_t kUnknownMemory = std::numeric_limits<std::uint64_t>::max();

/// Of another process; 0: it is gone, or may not be asked.
[[nodiscard]] std::uint64_t resident_bytes(pid_t process);

/// What could still be taken without anything being swapped or killed: the machine's, or what the control
/// group of this process, or one above it, has left. kUnknownMemory: the system does not say.
[[nodiscard]] std::uint64_t available_memory();

}   // namespace microengine::util
