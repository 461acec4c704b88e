// SPDX-License-Identifier: MIT
#include "host/util/allocator.hpp"

#include <malloc.h>

namespace microengine::util {

void tune_allocator() {
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 0x7FFFFFFF);
    mallopt(M_TOP_PAD, 16 << 20);
}

void give_back_free_memory() { malloc_trim(0); }

}   // namespace microengine::util
