// SPDX-License-Identifier: MIT
#pragma once
// The one number of a filter that the host cannot know: a worker may send signals to itself only, so that
// abort() dies of SIGABRT. The host writes this constant, the worker puts its process id in its place.

#include <cstdint>

namespace microengine::wire {

/// Above every process id that Linux gives out (at most 2^22): a filter that nobody patched allows no signal.
inline constexpr std::uint32_t kOwnPid = 0x6d65'7069U;

}   // namespace microengine::wire
