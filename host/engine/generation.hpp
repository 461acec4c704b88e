// SPDX-License-Identifier: MIT
#pragma once
// One loaded configuration with its opened backends. Immutable; a reload makes the next one beside it.

#include "host/core/artifact.hpp"
#include "host/core/combiner_settings.hpp"
#include "host/core/trusted.hpp"
#include "host/core/verdict_cache.hpp"
#include "host/plugin/backend.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace microengine::engine {

struct OpenBackend {
    std::shared_ptr<plugin::Backend> backend;          ///< shared with the next generation, if unchanged
    std::chrono::nanoseconds timeout{0};               ///< 0: only the artifact's deadline counts
    std::optional<std::uint64_t> max_artifact_bytes;   ///< larger artifacts are skipped: too_big
    /// Held during a scan when the plugin does not allow parallel scanners, by the next generation's too;
    /// null when it does.
    std::shared_ptr<std::timed_mutex> one_at_a_time;
    util::Sha256 identity = {};                   ///< of its plugin, signatures and settings
    std::optional<util::Sha256> cache_key = {};   ///< empty: its answers are not remembered
};

struct Generation {
    std::uint64_t number = 1;
    core::CombinerSettings combiner;
    core::TrustedLists trusted;
    std::vector<OpenBackend> backends;           ///< in config order
    std::shared_ptr<core::VerdictCache> cache;   ///< shared with the next generation; null: none

    /// Does any backend run in a process of its own?
    [[nodiscard]] bool isolated() const {
        return std::ranges::any_of(backends,
                                   [](const OpenBackend& open) { return open.backend->isolated(); });
    }
    /// Would an answer about it be remembered, of one backend at least?
    [[nodiscard]] bool remembers(const core::Artifact& artifact) const {
        return cache && artifact.facts.type == core::ArtifactType::file && !artifact.truncated &&
               std::ranges::any_of(backends,
                                   [](const OpenBackend& open) { return open.cache_key.has_value(); });
    }
};

}   // namespace microengine::engine
