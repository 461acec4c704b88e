// SPDX-License-Identifier: MIT
// The guess from the first bytes: in bounds, and never without an answer.
#include "host/intake/mime.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (microengine::intake::guess_mime({data, size}).empty()) std::abort();
    return 0;
}
