// SPDX-License-Identifier: MIT
#pragma once
// A report without a scan: what the verdict cache knows of an artifact, combined anew.

#include "host/core/report.hpp"
#include "host/engine/generation.hpp"
#include "host/util/digest.hpp"

#include <optional>

namespace microengine::engine {

/// Nothing unless every backend of the generation has an answer. Of the artifact only its digest is known.
/// Any thread; may read the persistent cache's file.
[[nodiscard]] std::optional<core::Report> remembered(const Generation& generation,
                                                     const util::Sha256& sha256);

}   // namespace microengine::engine
