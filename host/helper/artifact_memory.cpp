// SPDX-License-Identifier: MIT
#include "host/helper/artifact_memory.hpp"

#include <sys/mman.h>

namespace microengine::helper {

ArtifactMemory::~ArtifactMemory() { unmap(); }

bool ArtifactMemory::map(int fd, std::size_t bytes) {
    unmap();
    // Shared, so that what the host writes for the next artifact is seen; sealed, so that nobody can shrink
    // it.
    void* map = ::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED) return false;
    bytes_ = {static_cast<const std::uint8_t*>(map), bytes};
    return true;
}

void ArtifactMemory::unmap() {
    if (!bytes_.empty()) ::munmap(const_cast<std::uint8_t*>(bytes_.data()), bytes_.size());
    bytes_ = {};
}

}   // namespace microengine::helper
