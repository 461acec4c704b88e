// SPDX-License-Identifier: MIT
#pragma once
// Files that hold secrets.

#include "host/util/result.hpp"

#include <cstddef>
#include <filesystem>
#include <string>

namespace microengine::http {

/// Its text. Refused: what is no regular file or too large, whatever everybody may read or write, or another
/// user than root and ourselves owns.
[[nodiscard]] util::Result<std::string> read_secret(const std::filesystem::path& file, std::size_t max_bytes);
/// The same without the text, for those who read it themselves.
[[nodiscard]] util::Result<void> check_secret(const std::filesystem::path& file, std::size_t max_bytes);

}   // namespace microengine::http
