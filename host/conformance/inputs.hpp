// SPDX-License-Identifier: MIT
#pragma once
// The artifacts that a plugin is tried with. Harmless, and none is in this program as it stands: each is put
// together when it is needed.

#include "host/core/artifact.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::conformance {

struct Input {
    std::string_view name;   ///< "eicar", the last part of a test's name
    std::string_view text;   ///< "the EICAR test file", for sentences
    core::ArtifactType type = core::ArtifactType::file;
    std::string (*make)(std::uint64_t seed) = nullptr;
};

inline constexpr std::size_t kHugeBytes = std::size_t{64} << 20;

/// In the order in which they are tried, the smallest first; a URL is the last.
[[nodiscard]] std::span<const Input> inputs();
[[nodiscard]] const Input& input(std::string_view name);

/// What an artifact may be called.
struct OddName {
    std::string name;
    std::string_view what;   ///< "a name that is not UTF-8"
};
[[nodiscard]] const std::vector<OddName>& odd_names();

/// The same bytes for the same seed, on any machine.
[[nodiscard]] std::string random_bytes(std::uint64_t seed, std::size_t size);
/// A few bytes changed, moved, removed, or put in; at most `most` bytes long.
[[nodiscard]] std::string mutated(const std::string& original, std::uint64_t seed, std::size_t most);

}   // namespace microengine::conformance
