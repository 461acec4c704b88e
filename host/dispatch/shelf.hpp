// SPDX-License-Identifier: MIT
#pragma once
// The folder that all machines see, for artifacts too large to travel in a job. One file a job, gone when the
// job has its answer.

#include "host/util/digest.hpp"
#include "host/util/result.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace microengine::dispatch {

/// Any thread.
class Shelf {
public:
    /// Empty: there is none.
    explicit Shelf(std::filesystem::path directory) : directory_(std::move(directory)) {}

    [[nodiscard]] bool exists() const { return !directory_.empty(); }
    /// Is it a folder in which we may write? An error names queue.artifact_dir.
    [[nodiscard]] util::Result<void> usable() const;
    /// All of it or nothing: workers never see half a file. Its name, "ID-SHA256".
    [[nodiscard]] util::Result<std::string> put(std::string_view id, const util::Sha256& digest,
                                                std::span<const std::uint8_t> bytes) const;
    void remove(const std::string& name) const;
    /// Removes what is older than that: of processes that ended before their jobs had.
    void sweep(std::chrono::milliseconds age) const;

private:
    std::filesystem::path directory_;
};

}   // namespace microengine::dispatch
