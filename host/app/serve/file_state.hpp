// SPDX-License-Identifier: MIT
#pragma once
// Whether files have changed, without reading them: what the system says of each. Polled, for that also works
// where files come by network or into a container.

#include <compare>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace microengine::app {

struct FileStamp {
    std::string path;
    std::uint64_t device = 0, inode = 0, size = 0;
    std::int64_t modified_ns = 0, changed_ns = 0;
    [[nodiscard]] auto operator<=>(const FileStamp&) const = default;
};

/// Of some files and of all below some directories.
struct FileState {
    std::vector<FileStamp> files;   ///< by path; one that is not there has nothing but its path
    [[nodiscard]] bool operator==(const FileState&) const = default;
    [[nodiscard]] std::uint64_t bytes() const;
};

inline constexpr std::size_t kMostFiles = 100'000;   ///< of those beyond nothing is noticed

/// Of a pattern (* ? [) all below the directory it starts in counts. What is hidden or has the name of
/// something unfinished (tmp.*, *.tmp, *~, freshclam.dat) is not looked at.
[[nodiscard]] FileState file_state(std::span<const std::filesystem::path> paths);

}   // namespace microengine::app
