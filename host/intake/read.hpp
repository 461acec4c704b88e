// SPDX-License-Identifier: MIT
#pragma once
// The bytes behind a descriptor into a slot's buffer, hashed on the way. Any thread; blocks as the descriptor
// does.

#include "host/core/artifact.hpp"
#include "host/intake/limits.hpp"

#include <cstdint>
#include <expected>
#include <span>
#include <string>

namespace microengine::intake {

using Loaded = std::expected<core::Artifact, core::LoadFailure>;

/// A regular file, from its beginning wherever the descriptor stands; the descriptor stays the caller's. What
/// was there when it was read is the artifact, even if the file grew or shrank meanwhile. Not a regular file:
/// a LoadFailure that says what it is.
[[nodiscard]] Loaded load_fd(int fd, std::string name, const Limits& limits, core::ArtifactBuffer& buffer);

/// Whatever read(2) gives until the end: a pipe, a socket, a terminal, a file from where it stands.
[[nodiscard]] Loaded load_stream(int fd, std::string name, const Limits& limits,
                                 core::ArtifactBuffer& buffer);

/// A copy of bytes that are here already.
[[nodiscard]] Loaded load_bytes(std::span<const std::uint8_t> bytes, std::string name, const Limits& limits,
                                core::ArtifactBuffer& buffer);

/// A failure with what is known of the artifact: its name.
[[nodiscard]] std::unexpected<core::LoadFailure> not_loaded(std::string name, util::Errc code,
                                                            std::string message, std::uint64_t size = 0);

}   // namespace microengine::intake
