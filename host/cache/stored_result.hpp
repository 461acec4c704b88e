// SPDX-License-Identifier: MIT
#pragma once
// A scan result as bytes in a file, and back. Reading believes nothing: bounds, UTF-8 and consistency are
// checked as for a message from a worker.

#include "host/core/verdict_cache.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace microengine::cache {

/// Without backend and duration; with a check sum, also over the key.
[[nodiscard]] std::string store(const core::CacheKey& key, const core::ScanResult& result);
/// Nothing: it is none, none of this key, or none that would be remembered.
[[nodiscard]] std::optional<core::ScanResult> restore(const core::CacheKey& key, std::string_view bytes);

}   // namespace microengine::cache
