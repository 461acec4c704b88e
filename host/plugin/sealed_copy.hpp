// SPDX-License-Identifier: MIT
#pragma once
// A copy of a plugin that nobody can change any more, so that what was checked is what is loaded.

#include "host/util/result.hpp"
#include "host/util/unique_fd.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace microengine::plugin {

inline constexpr std::size_t kMaxPluginBytes = std::size_t{256} << 20;

/// Owns the sealed memory file and a read-only view of it. Movable; reading it is thread-safe.
class SealedCopy {
public:
    /// Copies the whole open file. Reason codes: too_large, truncated (it shrank meanwhile).
    [[nodiscard]] static util::Result<SealedCopy> make(int fd, const std::filesystem::path& name);
    /// Takes over one that another process made, if it really is sealed.
    [[nodiscard]] static util::Result<SealedCopy> adopt(util::UniqueFd fd, const std::filesystem::path& name);
    SealedCopy(SealedCopy&& other) noexcept;
    SealedCopy& operator=(SealedCopy&& other) noexcept;
    SealedCopy(const SealedCopy&) = delete;
    SealedCopy& operator=(const SealedCopy&) = delete;
    ~SealedCopy();

    [[nodiscard]] std::span<const std::uint8_t> bytes() const { return bytes_; }
    /// The descriptor, given away: from now on it stays open for the life of the process, because the loader
    /// takes two files with one /proc/self/fd name for the same library.
    [[nodiscard]] int keep_open() {
        if (fd_) kept_ = fd_.release();
        return kept_;
    }
    [[nodiscard]] int fd() const { return fd_ ? fd_.get() : kept_; }

private:
    SealedCopy() = default;
    [[nodiscard]] util::Result<void> map(std::size_t size, const std::filesystem::path& name);
    util::UniqueFd fd_;
    int kept_ = -1;   // instead of fd_, once nobody may close it
    std::span<const std::uint8_t> bytes_;
};

}   // namespace microengine::plugin
