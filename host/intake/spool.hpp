// SPDX-License-Identifier: MIT
#pragma once
// Artifacts that arrive in pieces and wait for a slot: small ones in memory, large ones in files without
// names. All of them share one bounded room, so that no crowd of slow senders fills the machine.

#include "host/core/artifact.hpp"
#include "host/intake/limits.hpp"
#include "host/util/result.hpp"
#include "host/util/unique_fd.hpp"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace microengine::intake {

/// Any thread.
class SpoolRoom {
public:
    /// Large artifacts go below `directory`; empty: that of the system for temporary files.
    SpoolRoom(std::uint64_t bytes, std::filesystem::path directory);

    /// Can files be made there? Without them only small artifacts can wait.
    [[nodiscard]] util::Result<void> usable() const;
    [[nodiscard]] bool take(std::uint64_t bytes);
    void give(std::uint64_t bytes) { used_ -= bytes; }
    [[nodiscard]] std::uint64_t used() const { return used_; }
    [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

private:
    std::uint64_t bytes_;
    std::filesystem::path directory_;
    std::atomic<std::uint64_t> used_ = 0;
};

/// One artifact. One thread at a time; its room is given back when it ends.
class Spool {
public:
    /// `room` is shared by all spools, and by those that outlive their frontend.
    explicit Spool(std::shared_ptr<SpoolRoom> room) : room_(std::move(room)) {}
    Spool(Spool&& other) noexcept;
    Spool& operator=(Spool&&) = delete;
    Spool(const Spool&) = delete;
    Spool& operator=(const Spool&) = delete;
    ~Spool() { room_ ? room_->give(size_) : void(); }

    /// Errc::limit: no room; Errc::io: the file. Then the artifact is incomplete, and it must not be scanned.
    [[nodiscard]] util::Result<void> append(std::span<const std::uint8_t> piece);
    [[nodiscard]] std::uint64_t size() const { return size_; }

    /// For the job; called once.
    [[nodiscard]] static core::ArtifactLoader loader(Spool spool, std::string name, Limits limits);

private:
    [[nodiscard]] util::Result<void> to_file();
    [[nodiscard]] util::Result<void> flush();
    [[nodiscard]] util::Result<void> write(std::span<const std::uint8_t> piece);

    std::shared_ptr<SpoolRoom> room_;   // null: moved from
    std::uint64_t size_ = 0;
    std::vector<std::uint8_t> memory_;   // all of it, until there is a file; then what is not written yet
    util::UniqueFd file_;
};

}   // namespace microengine::intake
