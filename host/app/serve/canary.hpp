// SPDX-License-Identifier: MIT
#pragma once
// Two artifacts whose answers are known, scanned before a generation serves: signatures that load may still
// be signatures that accuse everything.

#include "host/engine/generation.hpp"

#include <memory>
#include <string>
#include <vector>

namespace microengine::app {

struct CanaryProblem {
    std::string backend;   ///< its name
    std::string text;      ///< "fails on …", "accuses a harmless text …"
};

/// Why it should not serve. Waits for the scans.
[[nodiscard]] std::vector<CanaryProblem> canary_problems(
    const std::shared_ptr<const engine::Generation>& generation);

}   // namespace microengine::app
