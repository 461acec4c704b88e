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

/// Opens the file now, so that it is read from the disk while it waits for its turn; the loader, called once,
/// closes it. Where there are no descriptors left the loader opens it. A FIFO or a device never blocks: it is
/// refused.
[[nodiscard]] core::ArtifactLoader file_loader(FilePlace place, Limits limits);
/// A path that somebody named: links are followed.
[[nodiscard]] core::ArtifactLoader file_loader(std::string path, Limits limits);

}   // namespace microengine::intake
