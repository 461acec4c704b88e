// SPDX-License-Identifier: MIT
#pragma once
// The place of a backend whose old signatures had to go before the new ones could be loaded.

#include "host/plugin/backend.hpp"

#include <memory>
#include <string>

namespace microengine::app {

struct AbsentFacts {
    std::shared_ptr<const core::BackendFacts> backend;   ///< shared with reports
    bool takes_urls = false;
    bool isolated = true;
};
[[nodiscard]] AbsentFacts absent_facts(const plugin::Backend& former);

/// Fails every scan with this reason: never "benign".
[[nodiscard]] std::shared_ptr<plugin::Backend> absent(AbsentFacts facts, std::string why);

}   // namespace microengine::app
