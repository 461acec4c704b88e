// SPDX-License-Identifier: MIT
#pragma once
// The tree of a config file against the table of keys. Reports every problem, never stops at the first. Pure.

#include "host/config/model.hpp"
#include "host/config/value.hpp"

#include <set>
#include <vector>

namespace microengine::config {

struct Checked {
    Config config;                       ///< what was refused has its default
    std::vector<const Node*> backends;   ///< where each of config.backends was written
    std::set<const Node*> refused;       ///< values that have been reported
};

[[nodiscard]] Checked check_keys(const Node& root, const Reading& reading);
/// What no single key shows: names used twice, a quorum out of reach, keys without effect.
void check_together(const Checked& checked, const Node& root, const Reading& reading);
/// The same of the marketplace's tables.
void check_polyswarm(const Checked& checked, const Node& root, const Reading& reading);

}   // namespace microengine::config
