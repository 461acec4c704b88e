// SPDX-License-Identifier: MIT
#include "host/app/serve/readiness.hpp"

#include <string>

namespace microengine::app {

std::vector<engine::BackendStatus> backends_of(const engine::Generation& generation) {
    std::vector<engine::BackendStatus> all;
    all.reserve(generation.backends.size());
    for (const engine::OpenBackend& open : generation.backends)
        all.push_back({.facts = open.backend->facts(), .health = open.backend->health()});
    return all;
}

engine::Readiness readiness_of(const std::vector<engine::BackendStatus>& backends,
                               const ReadinessRules& rules) {
    constexpr std::int64_t hour = 3600;
    engine::Readiness readiness;
    if (rules.ending) readiness.reasons.emplace_back("the service is ending");
    for (const engine::BackendStatus& backend : backends) {
        const std::string& name = backend.facts->policy.name;
        if (backend.health.state == plugin::Health::State::quarantined)
            readiness.reasons.push_back("backend '" + name + "' is out of service: " + backend.health.why);
        const auto& signatures = backend.facts->signatures;
        if (rules.max_signature_age_hours == 0 || !signatures || signatures->date_unix == 0) continue;
        const std::int64_t age = (rules.now_unix - signatures->date_unix) / hour;
        if (age > rules.max_signature_age_hours)
            readiness.reasons.push_back("the signatures of backend '" + name + "' are " +
                                        std::to_string(age) +
                                        " hours old, more than serve.max_signature_age_hours = " +
                                        std::to_string(rules.max_signature_age_hours));
    }
    readiness.ready = readiness.reasons.empty();
    return readiness;
}

}   // namespace microengine::app
