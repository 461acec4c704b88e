// SPDX-License-Identifier: MIT
#pragma once
// The artifact behind a descriptor, for libraries that insist on one (ME_NEED_FD).

#include "host/util/unique_fd.hpp"

#include <cstdint>
#include <span>

namespace microengine::plugin {

/// A sealed memory file with these bytes; empty, with errno set, if there can be none.
[[nodiscard]] util::UniqueFd artifact_file(std::span<const std::uint8_t> bytes);

}   // namespace microengine::plugin
