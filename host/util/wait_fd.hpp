// SPDX-License-Identifier: MIT
#pragma once
// Waiting for a descriptor without becoming deaf to the end of the program.

#include <cstdint>
#include <initializer_list>

namespace microengine::util {

enum class Wanted : std::uint8_t { read, write };

/// Waits until `fd` can be read or written, also when it is non-blocking. False: `stop` became readable
/// first; -1 stands for none. Errors of fd count as ready: the read or write that follows says what they are.
[[nodiscard]] bool wait_fd(int fd, Wanted wanted, int stop);

/// Waits until one of them can be read or has an error, or that time of the monotonic clock has come, or a
/// signal. Negative ones are left out; at most eight.
void wait_any(std::initializer_list<int> fds, std::uint64_t until_ns);

}   // namespace microengine::util
