// SPDX-License-Identifier: MIT
#pragma once
// An artifact from standard input or any other descriptor that only flows.

#include "host/core/artifact.hpp"
#include "host/intake/limits.hpp"

#include <string>

namespace microengine::intake {

/// Reads to the end, once. The descriptor stays the caller's and must outlive the loader. `name` is what the
/// report says: "-" for standard input.
[[nodiscard]] core::ArtifactLoader stream_loader(int fd, std::string name, Limits limits);

}   // namespace microengine::intake
