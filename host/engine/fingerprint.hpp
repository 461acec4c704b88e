// SPDX-License-Identifier: MIT
#pragma once
// A short name for everything that a verdict hangs on beside the artifact: two machines with the same one
// judge alike.

#include "host/engine/generation.hpp"

#include <string>

namespace microengine::engine {

/// 16 hexadecimal digits, of the combiner's settings and of each backend: its policy, plugin, signatures and,
/// where it is known, settings. Lists of trusted digests count by their content. Any thread.
[[nodiscard]] std::string fingerprint(const Generation& generation);

}   // namespace microengine::engine
