// SPDX-License-Identifier: MIT
#pragma once
// What is remembered of one backend's scan of one artifact. Whoever keeps it, and where, stands behind this.

#include "host/core/artifact.hpp"
#include "host/core/scan_result.hpp"
#include "host/util/digest.hpp"

#include <memory>
#include <optional>

namespace microengine::core {

/// Everything a deterministic backend's answer depends on, so a change of any of it finds nothing: nothing is
/// ever invalidated.
struct CacheKey {
    util::Sha256 artifact{};   ///< of a file's bytes; what is said of a URL may change and is not kept
    util::Sha256 backend{};    ///< of plugin, signatures and settings
    [[nodiscard]] bool operator==(const CacheKey&) const = default;
};

/// Only a whole answer is worth remembering: no failure, nothing partial, nothing that was cut off, and
/// nothing that needed a second try, which its message says.
[[nodiscard]] inline bool is_cacheable(const ScanResult& result) {
    return result.outcome == Outcome::completed && !result.partial && !result.detections_cut &&
           result.message.empty() && result.reason == Reason::none;
}

/// Any thread. A cache that does not work any more finds nothing and keeps nothing.
class VerdictCache {
public:
    VerdictCache() = default;
    VerdictCache(const VerdictCache&) = delete;
    VerdictCache& operator=(const VerdictCache&) = delete;
    virtual ~VerdictCache() = default;
    /// With `cached` set, and neither backend nor duration.
    [[nodiscard]] virtual std::optional<ScanResult> find(const CacheKey& key) = 0;
    /// Of a result for which is_cacheable().
    virtual void keep(const CacheKey& key, const ScanResult& result) = 0;
};

}   // namespace microengine::core
