// SPDX-License-Identifier: MIT
#pragma once
// A slot's memory that workers can read: the artifact is loaded straight into it and copied nowhere. Workers
// map it read-only, nobody can change its size, so nothing a worker does to it reaches another.

#include "host/core/artifact.hpp"

#include <cstddef>
#include <memory>

namespace microengine::isolate {

/// What a slot keeps from one artifact to the next. Larger ones get a memory file of their own for as long as
/// they are judged.
inline constexpr std::size_t kSlotBytes = std::size_t{32} << 20;

/// Memory shared with workers, or, where the kernel lacks the seal that this takes, ordinary memory: then
/// each worker is sent a sealed copy.
[[nodiscard]] std::unique_ptr<core::ArtifactBuffer> make_shared_buffer();

}   // namespace microengine::isolate
