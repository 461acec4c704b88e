// SPDX-License-Identifier: MIT
#pragma once
// The bytes (or URL) to judge, and the buffer that holds them while every backend reads it.

#include "host/util/digest.hpp"
#include "host/util/result.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace microengine::core {

enum class ArtifactType : std::uint8_t { file, url };

/// What a report says of an artifact.
struct ArtifactFacts {
    std::string
        name;   ///< as given by the user or sender: bytes, perhaps not UTF-8; a label, never opened again
    ArtifactType type = ArtifactType::file;
    std::optional<util::Sha256> sha256;   ///< of a URL: of its text
    std::uint64_t size = 0;
    std::string mime;   ///< guessed from the first bytes
};

/// Of an artifact of which nothing else is known.
[[nodiscard]] inline ArtifactFacts named(std::string name) {
    ArtifactFacts facts;
    facts.name = std::move(name);
    return facts;
}

/// A memory file that begins with an artifact's bytes, for other processes to map. No owner.
struct MemoryFile {
    int fd = -1;               ///< -1: there is none
    std::uint64_t id = 0;      ///< another one for each file, never used again
    std::uint64_t bytes = 0;   ///< of the whole file
    bool lasting = false;      ///< the next artifacts will be in it too
};

/// Memory for one artifact, reused for the next one by the same slot. Not initialised; one thread at a time.
class ArtifactBuffer {
public:
    ArtifactBuffer() = default;
    ArtifactBuffer(const ArtifactBuffer&) = delete;
    ArtifactBuffer& operator=(const ArtifactBuffer&) = delete;
    virtual ~ArtifactBuffer() = default;

    /// Exactly `size` writable bytes, never null. What was there before is lost. Throws std::bad_alloc.
    [[nodiscard]] virtual std::span<std::uint8_t> prepare(std::size_t size);
    /// Grows, keeping the first `keep` bytes.
    [[nodiscard]] virtual std::span<std::uint8_t> grow(std::size_t size, std::size_t keep);
    /// The artifact is complete, its first `size` bytes: from here on it is only read. Where other processes
    /// find it, if they can.
    [[nodiscard]] virtual MemoryFile share(std::size_t size);
    /// Gives memory back after an unusually large artifact.
    virtual void trim();

private:
    std::unique_ptr<std::uint8_t[]> memory_;
    std::size_t capacity_ = 0;
};

/// An artifact whose bytes lie in a slot's buffer; valid until that buffer is prepared again.
struct Artifact {
    ArtifactFacts facts;
    std::span<const std::uint8_t> bytes;   ///< data() is never null, size() may be 0
    bool truncated = false;                ///< it reached us cut off: every answer is partial
    MemoryFile memory = {};                ///< where other processes find the bytes
};

/// Why there is no artifact: the row of every backend says so.
struct LoadFailure {
    ArtifactFacts facts;
    util::Error error;   ///< Errc::limit: too big
};

/// Reads one artifact into the buffer, on the thread of the slot that will scan it.
using ArtifactLoader = std::move_only_function<std::expected<Artifact, LoadFailure>(ArtifactBuffer&)>;

}   // namespace microengine::core
