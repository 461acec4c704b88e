// SPDX-License-Identifier: MIT
#pragma once
// One test in a process of its own, watched until it ends or has to be ended.

#include "host/conformance/test.hpp"

namespace microengine::conformance {

/// Forks, runs the test there and collects what it notes. How the process ended is among the findings, if it
/// ended otherwise than a test does.
[[nodiscard]] Notes run_in_child(Subject& subject, const Test& test);

}   // namespace microengine::conformance
