// SPDX-License-Identifier: MIT
#pragma once
// Runs the checks one after another, and then looks at what came when none of them looked any more. Main
// thread.

#include "host/frontends/ambassador/results.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::ambassador {

/// In the order of the list; no names: all. The error names one that does not exist.
[[nodiscard]] util::Result<std::vector<const Check*>> chosen_checks(const std::vector<std::string>& ids);

/// A second reply, one to a bounty that was refused and one at the wrong place fail the check that posted the
/// bounty, whenever they come before the last one expires.
[[nodiscard]] std::vector<CheckResult> run_checks(Scene& scene, std::span<const Check* const> checks,
                                                  const std::function<void(std::string_view)>& progress);

}   // namespace microengine::ambassador
