// SPDX-License-Identifier: MIT
// A28, A29: what the engine says of itself, in its log and in its numbers.
#include "host/frontends/ambassador/check.hpp"
#include "host/frontends/ambassador/metrics_text.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

namespace microengine::ambassador {

namespace {

constexpr std::chrono::milliseconds kUntilAtRest{10'000};
constexpr std::chrono::milliseconds kPause{20};

/// Where `text` holds one of these.
bool holds_any(std::string_view text, const std::vector<std::string>& secrets) {
    return std::ranges::any_of(secrets, [text](const std::string& secret) { return text.contains(secret); });
}

std::vector<std::string> signatures_of(const Scene& scene) {
    std::vector<std::string> all;
    const auto add = [&all](const Desk& desk) {
        for (const Posted& bounty : desk.all()) all.push_back(bounty::sign(bounty.body, desk.secret()));
        all.push_back(bounty::sign("", desk.secret()));
    };
    add(scene.desk);
    for (const Desk& other : scene.others) add(other);
    return all;
}

Outcome books_of(Scene& scene) {
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

}   // namespace

Outcome keeps_secrets(Scene& scene) {
    const std::string log = scene.spawner->logs() + scene.engine->child->log();
    if (!log.contains("listening")) return failed("the log could not be read");
    if (holds_any(log, scene.spawner->secrets())) return failed("a secret is in the log");
    if (holds_any(log, scene.desk.market().nonces()))
        return failed("the nonce of a response_url is in the log");
    if (holds_any(log, signatures_of(scene))) return failed("a signature is in the log");
    if (log.contains(eicar())) return failed("bytes of an artifact are in the log");
    return passed(std::to_string(log.size()) + " bytes of log");
}

Outcome keeps_books(Scene& scene) {
    // A reply is counted before its journal's row is closed: the numbers agree once nothing is on its way.
    const auto until = Clock::now() + kUntilAtRest;
    Outcome outcome = books_of(scene);
    while (outcome.status == Status::fail && Clock::now() < until) {
        std::this_thread::sleep_for(kPause);
        outcome = books_of(scene);
    }
    return outcome;
}

}   // namespace microengine::ambassador
