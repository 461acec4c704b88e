// SPDX-License-Identifier: MIT
#pragma once
// Bounds on what a backend may say of one artifact, whoever checks them: the host's side of a call, and what
// crosses from a worker. Longer text is cut at a character border. In bytes.

#include <cstddef>

namespace microengine::core {

inline constexpr std::size_t kMaxName = 256;
inline constexpr std::size_t kMaxFamily = 64;
inline constexpr std::size_t kMaxNameSpace = 128;
inline constexpr std::size_t kMaxTags = 32;
inline constexpr std::size_t kMaxTag = 64;
inline constexpr std::size_t kMaxDetail = std::size_t{64} << 10;
inline constexpr std::size_t kMaxDetails = std::size_t{1} << 20;   // of one scan
inline constexpr std::size_t kMaxText = std::size_t{4} << 10;
inline constexpr std::size_t kMaxDetections = 1024;

}   // namespace microengine::core
