// SPDX-License-Identifier: MIT
#pragma once
// How much of one artifact is taken into memory.

#include <cstdint>

namespace microengine::intake {

struct Limits {
    std::uint64_t max_artifact_bytes = std::uint64_t{1} << 30;
    int stop = -1;   ///< a descriptor that becomes readable when waiting for input should end; -1: none
};

}   // namespace microengine::intake
