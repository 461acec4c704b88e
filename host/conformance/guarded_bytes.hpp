// SPDX-License-Identifier: MIT
#pragma once
// An artifact as a plugin sees it: read-only, and behind its last byte is nothing. Who writes to it or reads
// on crashes at once.

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace microengine::conformance {

class GuardedBytes {
public:
    /// Throws std::bad_alloc.
    explicit GuardedBytes(std::string_view bytes);
    ~GuardedBytes() { ::munmap(memory_, size_); }
    GuardedBytes(const GuardedBytes&) = delete;
    GuardedBytes& operator=(const GuardedBytes&) = delete;
    /// Its data() is never null; of an empty artifact it must not be read.
    [[nodiscard]] std::span<const std::uint8_t> bytes() const { return bytes_; }

private:
    void* memory_ = nullptr;
    std::size_t size_ = 0;   // of the memory
    std::span<const std::uint8_t> bytes_;
};

}   // namespace microengine::conformance
