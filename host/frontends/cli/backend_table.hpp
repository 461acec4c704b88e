// SPDX-License-Identifier: MIT
#pragma once
// What `microengine backends` shows: pure text.

#include "host/core/scan_result.hpp"
#include "host/plugin/backend.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace microengine::cli {

struct BackendState {
    std::string name;
    std::string plugin;      ///< as the config names it
    plugin::Health health;   ///< of an opened one; of a refused one only where it was to run
    std::shared_ptr<const core::BackendFacts> facts;   ///< null: not ready; shared with the opened backend
    std::string refusal;                               ///< why not, one or more lines
    std::uint64_t open_ns = 0;
};

/// Can every one be asked?
[[nodiscard]] bool all_ready(const std::vector<BackendState>& states);

/// What the kernel offers to lock backends in, and what it lacks, a sentence each.
struct SandboxFacts {
    std::string offers;   ///< empty: no backend is isolated
    std::vector<std::string> lacks;
};

/// A table; with `why`, the reasons below: of each that is not ready, and of each that is locked in less well
/// than it should be. `now_unix` dates the signatures.
[[nodiscard]] std::string backend_table(const std::vector<BackendState>& states, const SandboxFacts& sandbox,
                                        bool why, std::int64_t now_unix);
[[nodiscard]] std::string backend_json(const std::vector<BackendState>& states, const SandboxFacts& sandbox);

}   // namespace microengine::cli
