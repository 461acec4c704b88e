// SPDX-License-Identifier: MIT
#pragma once
// Who could have changed this plugin? A file may be loaded only if nobody but root and ourselves could: it
// and every folder above it belong to one of us and are writable by nobody else. Pure system calls, any
// thread.

#include "host/util/result.hpp"
#include "host/util/unique_fd.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace microengine::plugin {

/// Opens the file for reading, following no symbolic link anywhere in the path, which is absolute. Reason
/// codes: not_found, cannot_open, path_unsafe. What is tolerable for a person at a shell (a group that may
/// write, when we are not root) is appended to warnings.
[[nodiscard]] util::Result<util::UniqueFd> open_trusted(const std::filesystem::path& file,
                                                        std::vector<std::string>& warnings);

}   // namespace microengine::plugin
