// SPDX-License-Identifier: MIT
#include "host/core/artifact.hpp"

#include <algorithm>
#include <cstring>

namespace microengine::core {

namespace {
constexpr std::size_t kLeast = std::size_t{64} << 10;
constexpr std::size_t kKept = std::size_t{64} << 20;   // what a slot may hold between two artifacts
}   // namespace

std::span<std::uint8_t> ArtifactBuffer::prepare(std::size_t size) { return grow(size, 0); }

std::span<std::uint8_t> ArtifactBuffer::grow(std::size_t size, std::size_t keep) {
    if (size > capacity_ || !memory_) {
        const std::size_t wanted = std::max({size, kLeast, keep > 0 ? capacity_ * 2 : 0});
        auto larger = std::make_unique_for_overwrite<std::uint8_t[]>(wanted);
        if (keep > 0) std::memcpy(larger.get(), memory_.get(), keep);
        memory_ = std::move(larger);
        capacity_ = wanted;
    }
    return {memory_.get(), size};
}

MemoryFile ArtifactBuffer::share(std::size_t /*size*/) { return {}; }

void ArtifactBuffer::trim() {
    if (capacity_ <= kKept) return;
    memory_.reset();
    capacity_ = 0;
}

}   // namespace microengine::core
