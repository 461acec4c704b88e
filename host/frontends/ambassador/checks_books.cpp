// SPDX-License-Identifier: MIT
// A29: what the engine's own numbers say.
#include "host/frontends/ambassador/check.hpp"
#include "host/frontends/ambassador/metrics_text.hpp"

#include <array>

namespace microengine::ambassador {

Outcome keeps_books(Scene& scene) {
    Request request;
    request.method = "GET";
    request.path = "/metrics";
    const auto answer = scene.desk.send(request);
    if (!answer) return failed(answer.error().text());
    constexpr std::string_view accepted = "microengine_polyswarm_bounties_total";
    if (answer->status != 200 || !answer->body.contains(accepted))
        return skipped("no " + std::string(accepted) + " at " + scene.desk.target().authority() + "/metrics");
    const Sums sums = sums_of(answer->body);
    const auto of = [&sums](const std::string& name) {
        const auto found = sums.find("microengine_polyswarm_" + name);
        return found == sums.end() ? 0.0 : found->second;
    };
    const double in = of("bounties_total") + of("resumed_total");
    const double out = of("replies_total") + of("pending");
    const std::string seen = text_of(in) + " accepted, " + text_of(of("replies_total")) + " replied, " +
                             text_of(of("pending")) + " pending";
    return in == out ? passed(seen) : failed(seen);
}

}   // namespace microengine::ambassador
