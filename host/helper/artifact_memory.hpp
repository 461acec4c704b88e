// SPDX-License-Identifier: MIT
#pragma once
// The worker's read-only view of the memory file that holds the artifact.

#include <cstddef>
#include <cstdint>
#include <span>

namespace microengine::helper {

/// Unmaps with this object. One thread.
class ArtifactMemory {
public:
    ArtifactMemory() = default;
    ArtifactMemory(const ArtifactMemory&) = delete;
    ArtifactMemory& operator=(const ArtifactMemory&) = delete;
    ~ArtifactMemory();

    /// Instead of what was mapped before. False: it cannot be mapped.
    [[nodiscard]] bool map(int fd, std::size_t bytes);
    void unmap();
    [[nodiscard]] std::span<const std::uint8_t> bytes() const { return bytes_; }

private:
    std::span<const std::uint8_t> bytes_;
};

}   // namespace microengine::helper
