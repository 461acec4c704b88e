// SPDX-License-Identifier: MIT
#pragma once
// The life of a zygote: receive one plugin and its settings, load it, open the backend, and from then on only
// fork.

#include "host/wire/channel.hpp"

namespace microengine::helper {

/// Returns the process's exit status when the host has gone away. A forked child does not return.
[[nodiscard]] int serve(wire::Channel control);

}   // namespace microengine::helper
