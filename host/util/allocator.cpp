// SPDX-License-Identifier: MIT
#include "host/util/allocator.hpp"

#include <malloc.h>

namespace microengine::util {

// NOLINTBEGIN(concurrency-mt-unsafe): before any thread starts, and in a process of one thread
void tune_allocator() {
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 0x7FFFFFFF);
    mallopt(M_TOP_PAD, 16 << 20);
}

// NOLINTEND(concurrency-mt-unsafe)

void give_back_free_memory() { malloc_trim(0); }

}   // namespace microengine::util
