// SPDX-License-Identifier: MIT
#pragma once
// What `microengine backends` shows: pure text.

#include "host/core/scan_result.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace microengine::cli {

struct BackendState {
    std::string name;
    std::string plugin;   ///< as the config names it
    std::string isolation;
    std::shared_ptr<const core::BackendFacts> facts;   ///< null: not ready; shared with the opened backend
    std::string refusal;                               ///< why not, one or more lines
    std::uint64_t open_ns = 0;
};

/// A table; with `why`, the reason below each that is not ready. `now_unix` dates the signatures.
[[nodiscard]] std::string backend_table(const std::vector<BackendState>& states, bool why,
                                        std::int64_t now_unix);
[[nodiscard]] std::string backend_json(const std::vector<BackendState>& states);

}   // namespace microengine::cli
