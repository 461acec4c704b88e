// SPDX-License-Identifier: MIT
#pragma once
// All scan results in, one verdict out. Pure functions, any thread, on the way of every scan: combine() and
// decided() are cheap, explain() (explain.hpp) and flips() (flips.hpp) are called only if somebody will read
// them.

#include "host/combine/vote.hpp"
#include "host/core/combiner_settings.hpp"
#include "host/core/report.hpp"
#include "host/core/scan_result.hpp"
#include "host/core/trusted.hpp"

#include <optional>
#include <span>

namespace microengine::combine {

struct CombineContext {
    std::optional<core::Override> listed = {};   ///< the digest stands in a block or allow list
    /// The scan was stopped because decided() had answered: rows skipped as `decided` were not needed.
    /// Without it, as in a replay under another strategy, they are missing.
    bool decided_early = false;
};

/// Results in config order, one per backend. Leaves `flips` and `explanation` empty.
[[nodiscard]] core::Combined combine(const core::CombinerSettings& settings,
                                     std::span<const core::ScanResult> results,
                                     const CombineContext& context = {});

/// The verdict if nothing that is still pending can change it, else nothing: never unknown, never a
/// suspicious that could become malicious. One vote per backend: pending_vote() until it has answered, then
/// vote_of(). No allocation.
[[nodiscard]] std::optional<core::Verdict> decided(const core::CombinerSettings& settings,
                                                   std::span<const Vote> votes);

/// Not asked, or stopped, because the verdict was fixed without it.
[[nodiscard]] bool not_needed(const core::ScanResult& result, const core::Combined& combined);

}   // namespace microengine::combine
