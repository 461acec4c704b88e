// SPDX-License-Identifier: MIT
#include "host/app/serve/canary.hpp"

#include "host/engine/engine.hpp"
#include "host/util/digest.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <string_view>
#include <utility>

namespace microengine::app {

namespace {

using core::Outcome;
using core::Verdict;

constexpr auto kTimeout = std::chrono::minutes(1);
constexpr std::string_view kHarmless =
    "A text that is no harm to anybody, and that no signature should match.\n";

/// In two parts, so that no scanner finds it in this file or in the program.
std::string eicar() {
    return std::string(R"(X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-)") + "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";
}

core::ArtifactLoader loader(std::string name, std::string bytes) {
    return [name = std::move(name), bytes = std::move(bytes)](
               core::ArtifactBuffer& buffer) -> std::expected<core::Artifact, core::LoadFailure> {
        const auto space = buffer.prepare(bytes.size());
        std::ranges::copy(bytes, space.begin());
        core::Artifact artifact{.facts = {.name = name,
                                          .type = core::ArtifactType::file,
                                          .sha256 = util::sha256(space),
                                          .size = bytes.size(),
                                          .mime = "text/plain"},
                                .bytes = space};
        artifact.memory = buffer.share(bytes.size());
        return artifact;
    };
}

core::Report judged(engine::Engine& engine, std::string name, std::string bytes) {
    std::promise<core::Report> promise;
    auto answer = promise.get_future();
    engine::Job job;
    job.name = name;
    job.frontend = "canary";
    job.load = loader(std::move(name), std::move(bytes));
    job.timeout = kTimeout;
    job.detail = engine::Detail::verdict;
    job.done = [&promise](core::Report report) { promise.set_value(std::move(report)); };
    util::ensure(engine.submit(std::move(job)), "a fresh engine takes jobs");
    return answer.get();
}

void add_failures(const core::Report& report, std::vector<CanaryProblem>& out) {
    for (const core::ScanResult& row : report.results)
        if (row.outcome == Outcome::failed || row.outcome == Outcome::crashed ||
            row.outcome == Outcome::timed_out)
            out.push_back({.backend = row.backend->policy.name,
                           .text = "fails on the " + report.artifact.name +
                                   (row.message.empty() ? "" : ": " + row.message)});
}

}   // namespace

std::vector<CanaryProblem> canary_problems(const std::shared_ptr<const engine::Generation>& generation) {
    auto plain = std::make_shared<engine::Generation>(*generation);
    plain->cache = nullptr;                   // what is asked is what they say now
    plain->combiner.early_decision = false;   // and each of them
    engine::Engine engine(std::move(plain), {.slots = 1, .queue_capacity = 2});
    std::vector<CanaryProblem> problems;
    add_failures(judged(engine, "canary EICAR", eicar()), problems);
    const core::Report harmless = judged(engine, "canary harmless text", std::string(kHarmless));
    add_failures(harmless, problems);
    for (const core::ScanResult& row : harmless.results)
        if (row.verdict == Verdict::malicious || row.verdict == Verdict::suspicious)
            problems.push_back(
                {.backend = row.backend->policy.name,
                 .text = "accuses a harmless text" +
                         (row.detections.empty() ? "" : ", with " + row.detections.front().name)});
    return problems;
}

}   // namespace microengine::app
