// SPDX-License-Identifier: MIT
#pragma once
// Whether traffic should be sent here, and what every backend's state is.

#include "host/engine/generation.hpp"
#include "host/engine/operations.hpp"

#include <cstdint>
#include <vector>

namespace microengine::app {

[[nodiscard]] std::vector<engine::BackendStatus> backends_of(const engine::Generation& generation);

struct ReadinessRules {
    bool ending = false;
    std::uint32_t max_signature_age_hours = 0;   ///< 0: any age
    std::int64_t now_unix = 0;
};
/// Not ready: it ends, a backend is out of service for good, or its signatures are too old. One that is out
/// for a moment comes back before anybody has been sent elsewhere.
[[nodiscard]] engine::Readiness readiness_of(const std::vector<engine::BackendStatus>& backends,
                                             const ReadinessRules& rules);

}   // namespace microengine::app
