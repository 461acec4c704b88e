// SPDX-License-Identifier: MIT
// A6 to A12, A23, A24: artifacts good and bad, and what is said of them.
#include "host/bounty/reply.hpp"
#include "host/frontends/ambassador/check.hpp"

#include <algorithm>
#include <utility>

namespace microengine::ambassador {

namespace {

using bounty::Phase;
using Manner = ArtifactScript::Manner;

std::vector<Plan> in_phases(const Scene& scene,
                            const std::vector<std::pair<std::string, std::string>>& artifacts) {
    std::vector<Plan> plans;
    for (const Phase phase : scene.wanted_phases())
        for (const auto& [what, bytes] : artifacts)
            plans.push_back({.what = what + (phase == Phase::vote ? ", a vote" : ""),
                             .artifact = {.bytes = bytes},
                             .phase = phase});
    return plans;
}

/// What the reply's scanner says of itself: an old engine lost both by a missing comma.
Fault fault_of_scanner(const Desk& desk) {
    const auto evidence = desk.evidence(desk.all().back());
    if (evidence.replies.empty()) return std::nullopt;
    const auto facts = bounty::read_reply(evidence.replies.front().body);
    if (!facts || facts->scanner_version.empty()) return "metadata.scanner.version is missing";
    if (facts->architecture.empty()) return "metadata.scanner.environment.architecture is missing";
    return std::nullopt;
}

}   // namespace

Outcome finds_eicar(Scene& scene) {
    Outcome outcome =
        judged(scene.desk, in_phases(scene, {{"EICAR", eicar()}, {"EICAR and a line feed", eicar() + "\n"}}));
    if (outcome.status != Status::pass) return outcome;
    return from(fault_of_scanner(scene.desk), outcome.seen);
}

Outcome clears_benign(Scene& scene) {
    return judged(scene.desk, in_phases(scene, {{"a benign text", benign_text(scene.desk.dice()())}}));
}

Outcome takes_empty(Scene& scene) {
    return judged(scene.desk, in_phases(scene, {{"an empty artifact", ""}}));
}

Outcome repeats_itself(Scene& scene) {
    std::vector<Plan> plans;
    for (const std::string& bytes : {eicar(), benign_text(scene.desk.dice()())}) {
        const Market::Number artifact = scene.desk.market().offer({.bytes = bytes});
        for (int i = 0; i < 3; ++i) plans.push_back({.what = "the same artifact again", .offered = artifact});
    }
    return judged(scene.desk, std::move(plans));
}

Outcome votes(Scene& scene) {
    if (scene.phases == Phases::assertion) return skipped("--phase assertion");
    struct Form {
        std::string_view phase, kind;
        Phase wanted;
    };
    std::vector<Plan> plans;
    for (const auto& [phase, kind, wanted] :
         {Form{R"("arbitration")", "votes", Phase::vote}, Form{R"("arbitration")", "assertions", Phase::vote},
          Form{R"("Arbitration_Window")", "x", Phase::vote}, Form{R"("vote")", "votes", Phase::vote},
          Form{R"("VOTE")", "assertions", Phase::vote}, Form{"", "votes", Phase::vote},
          Form{"null", "votes", Phase::vote}, Form{R"("new")", "votes", Phase::vote},
          Form{R"("assertion")", "votes", Phase::assertion},
          Form{R"("ASSERTION_WINDOW")", "votes", Phase::assertion}, Form{"", "assertions", Phase::assertion},
          Form{R"("new")", "x", Phase::assertion}})
        for (const std::string& bytes : {eicar(), benign_text(plans.size())})
            plans.push_back({.what = "phase " + (phase.empty() ? "missing" : std::string(phase)) +
                                     ", response_url ends in " + std::string(kind),
                             .artifact = {.bytes = bytes},
                             .kind = std::string(kind),
                             .phase = wanted,
                             .edit = [phase](BountyFields& f, const auto&) { f.phase = phase; }});
    return judged(scene.desk, std::move(plans));
}

Outcome skips_unknown_type(Scene& scene) {
    return judged(scene.desk,
                  {{.what = "artifact_type 'video'",
                    .artifact = {.bytes = benign_text(0)},
                    .truth = unknown(bounty::kTypeUnsupported),
                    .may_download = false,
                    .edit = [](BountyFields& f, const auto&) { f.artifact_type = R"("video")"; }}});
}

Outcome survives_bad_downloads(Scene& scene) {
    const Truth skipped = unknown(bounty::kCannotFetch);
    const auto plan = [&](std::string what, ArtifactScript script) {
        return Plan{.what = std::move(what), .artifact = std::move(script), .truth = skipped};
    };
    std::vector<Plan> plans{
        plan("404", {.then = 404}),
        plan("500 for ever", {.then = 500}),
        plan("a stalled body", {.bytes = eicar(), .manner = Manner::stalled}),
        plan("a body without an end", {.bytes = benign_text(1), .manner = Manner::endless}),
        plan("a compressed body", {.bytes = eicar(), .manner = Manner::gzipped}),
        plan("a redirect to nowhere", {.then = 302}),
        plan("a body with another sha256", {.bytes = eicar()})};
    plans.back().edit = [](BountyFields& f, const auto&) { f.sha256 = json_string(std::string(64, 'a')); };
    plans.push_back(
        {.what = "a port where nobody listens", .uri = "http://127.0.0.1:9/nothing", .truth = skipped});
    plans.push_back({.what = "a scheme nobody knows", .uri = "gopher://127.0.0.1/1", .truth = skipped});
    if (scene.engine != nullptr) {   // its limit is known
        const std::string most(scene.engine->overlay.max_artifact_bytes, '.');
        plans.push_back(plan("a byte more than max_artifact_bytes", {.bytes = most + "."}));
        plans.push_back({.what = "max_artifact_bytes", .artifact = {.bytes = most}});
    }
    plans.push_back({.what = "500, then 200", .artifact = {.bytes = eicar(), .first = {500}}});
    return judged(scene.desk, std::move(plans));
}

}   // namespace microengine::ambassador
