// SPDX-License-Identifier: MIT
#pragma once
// Reading from a file's bytes and never beyond them, whatever offsets the file claims.

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

namespace microengine::plugin {

/// A part of the file, or nothing if it does not lie inside.
[[nodiscard]] inline std::optional<std::span<const std::uint8_t>> part(std::span<const std::uint8_t> file,
                                                                       std::uint64_t offset,
                                                                       std::uint64_t size) {
    if (offset > file.size() || size > file.size() - offset) return std::nullopt;
    return file.subspan(offset, size);
}

/// A T at any alignment.
template <class T>
[[nodiscard]] std::optional<T> read_at(std::span<const std::uint8_t> file, std::uint64_t offset) {
    const auto bytes = part(file, offset, sizeof(T));
    if (!bytes) return std::nullopt;
    T value;
    std::memcpy(&value, bytes->data(), sizeof value);
    return value;
}

}   // namespace microengine::plugin
