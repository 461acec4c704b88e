// SPDX-License-Identifier: MIT
#pragma once
// The operator's lists of SHA-256 digests: text, one digest a line, as sha256sum writes it or with #
// comments.

#include "host/config/diagnostic.hpp"
#include "host/config/model.hpp"
#include "host/core/trusted.hpp"

#include <string_view>
#include <vector>

namespace microengine::config {

/// Reads the files that [trusted] names. Every file that cannot be read and every bad line is appended to
/// `found`.
[[nodiscard]] core::TrustedLists load_trusted(const Config& config, std::vector<Diagnostic>& found);

/// One list from its text; pure. Of a digest that stands there twice the first line counts.
[[nodiscard]] core::HashList parse_hash_list(std::string_view text, std::string_view file,
                                             std::vector<Diagnostic>& found);

}   // namespace microengine::config
