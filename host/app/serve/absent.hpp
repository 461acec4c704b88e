// SPDX-License-Identifier: MIT
#pragma once
// The place of a backend that is not here: because its old signatures had to go before the new ones could be
// loaded, or because it scans on other machines.

#include "host/app/compose.hpp"
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
/// Of one that was vetted: from its card.
[[nodiscard]] AbsentFacts absent_facts(const Rung& rung);

/// Fails every scan with this reason: never "benign".
[[nodiscard]] std::shared_ptr<plugin::Backend> absent(AbsentFacts facts, std::string why);
/// Ready, for others to ask; a scan here fails, and nobody asks for one.
[[nodiscard]] std::shared_ptr<plugin::Backend> elsewhere(AbsentFacts facts);

}   // namespace microengine::app
