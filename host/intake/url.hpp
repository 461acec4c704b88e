// SPDX-License-Identifier: MIT
#pragma once
// An artifact that is a URL: its text is what is judged. Nothing is fetched.

#include "host/core/artifact.hpp"
#include "host/util/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace microengine::intake {

inline constexpr std::size_t kMaxUrlBytes = 8192;

/// Printable UTF-8, at most kMaxUrlBytes, with a scheme: else why not.
[[nodiscard]] util::Result<void> check_url(std::string_view url);

/// A LoadFailure if check_url refuses it.
[[nodiscard]] core::ArtifactLoader url_loader(std::string url);

}   // namespace microengine::intake
