// SPDX-License-Identifier: MIT
#pragma once
// Names that nobody can guess.

#include <string>

namespace microengine::util {

/// 128 random bits, 32 hexadecimal digits. Any thread.
[[nodiscard]] std::string random_id();

}   // namespace microengine::util
