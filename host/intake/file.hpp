// SPDX-License-Identifier: MIT
#pragma once
// An artifact from a file, by path or by its name in an open directory.

#include "host/core/artifact.hpp"
#include "host/intake/limits.hpp"
#include "host/util/unique_fd.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace microengine::intake {

enum class Links : std::uint8_t { follow, refuse };

/// Where a file is: bytes, not necessarily text.
struct FilePlace {
    std::string name;   ///< what the report calls it
    std::string path;   ///< what is opened, relative to directory
    /// Null: the working directory. Shared by all artifacts of one directory and the walk that met them: it
    /// stays open until the last of them is read.
    std::shared_ptr<const util::UniqueFd> directory;
    Links links = Links::follow;   ///< whether the last component may be a symbolic link
};

/// A file that waits for its turn.
struct WaitingFile {
    core::ArtifactLoader load;
    std::uint64_t bytes = 0;   ///< as the file says now; 0: not known
};

/// Opens the file now, so that it is read from the disk while it waits; the loader, called once, closes it.
/// If that fails, or too many wait already, the loader opens it. A FIFO or a device never blocks: it is
/// refused.
[[nodiscard]] WaitingFile open_file(FilePlace place, Limits limits);
/// The loader alone.
[[nodiscard]] core::ArtifactLoader file_loader(FilePlace place, Limits limits);
/// Of a path that somebody named: links are followed.
[[nodiscard]] core::ArtifactLoader file_loader(std::string path, Limits limits);

}   // namespace microengine::intake
