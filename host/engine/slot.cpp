// SPDX-License-Identifier: MIT
#include "host/engine/slot.hpp"

#include "host/combine/combine.hpp"
#include "host/combine/explain.hpp"
#include "host/combine/flips.hpp"
#include "host/isolate/shared_buffer.hpp"
#include "host/util/clock.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace microengine::engine {

using core::Reason;

namespace {

Reason why_unread(util::Errc code) {
    if (code == util::Errc::limit) return Reason::too_big;
    return code == util::Errc::cancelled ? Reason::cancelled : Reason::no_artifact;
}

std::vector<core::ScanResult> empty_rows(const Generation& generation, Reason why,
                                         const std::string& message) {
    std::vector<core::ScanResult> rows(generation.backends.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        rows[i].backend = generation.backends[i].backend->facts();
        rows[i].outcome = core::Outcome::skipped;
        rows[i].reason = why;
        rows[i].message = message;
    }
    return rows;
}

/// How long to wait for another scan of the same artifact; then it is scanned anyway.
std::chrono::steady_clock::time_point patience(const Job& job) {
    constexpr std::chrono::minutes long_enough(1);
    const std::chrono::nanoseconds most = job.timeout.count() > 0 ? job.timeout : long_enough;
    return std::chrono::steady_clock::now() + std::min(most, job.deadline.left());
}

const std::string& name_of(const core::ScanResult& row) { return row.backend->policy.name; }

void combine_rows(const Generation& generation, Detail detail, std::optional<core::Override> listed,
                  bool decided_early, core::Report& report) {
    const bool url = report.artifact.type == core::ArtifactType::url;
    core::Combined& combined = report.combined;
    combined = combine::combine(generation.combiner, report.results,
                                {.listed = std::move(listed), .decided_early = decided_early});
    if (detail >= Detail::explanation)
        combined.explanation =
            combine::explain(combined, report.results, url ? "url" : std::string_view(report.artifact.mime));
    if (detail >= Detail::flips) combined.flips = combine::flips(combined, report.results);
}

}   // namespace

core::Report unseen(const Generation& generation, Job& job, core::ArtifactFacts facts, Reason why,
                    const std::string& message) {
    core::Report report;
    report.artifact = std::move(facts);
    report.error = message;
    report.generation = generation.number;
    report.results = empty_rows(generation, why, message);
    combine_rows(generation, job.detail, std::nullopt, false, report);
    return report;
}

std::expected<void, std::string> judge_again(const Generation& generation, const Job& job,
                                             core::Report& report) {
    std::vector<core::ScanResult> rows;
    for (const OpenBackend& open : generation.backends) {
        const core::BackendPolicy& policy = open.backend->facts()->policy;
        const auto found = std::ranges::find(report.results, policy.name, name_of);
        if (found == report.results.end())
            return std::unexpected("it says nothing of backend '" + policy.name +
                                   "': that worker has another configuration");
        auto facts = std::make_shared<core::BackendFacts>(*found->backend);
        facts->policy = policy;
        found->backend = std::move(facts);
        rows.push_back(std::move(*found));
        report.results.erase(found);
    }
    std::ranges::move(report.results, std::back_inserter(rows));
    for (auto row = rows.begin(); row != rows.end(); ++row)
        if (std::ranges::find(row + 1, rows.end(), name_of(*row), name_of) != rows.end())
            return std::unexpected("it says more than once what backend '" + name_of(*row) + "' found");
    report.results = std::move(rows);
    const auto& sha256 = report.artifact.sha256;
    const bool early = report.combined.decided_early && generation.combiner.early_decision;
    combine_rows(generation, job.detail, sha256 ? generation.trusted.find(*sha256) : std::nullopt, early,
                 report);
    return {};
}

core::Report unread(const Generation& generation, Job& job, core::LoadFailure failure) {
    return unseen(generation, job, std::move(failure.facts), why_unread(failure.error.code),
                  failure.error.message);
}

Slot::Slot(std::shared_ptr<const Generation> generation, Costs& costs, Flights& flights)
    : generation_(std::move(generation)),
      flights_(flights),
      buffer_(generation_->isolated() ? isolate::make_shared_buffer()
                                      : std::make_unique<core::ArtifactBuffer>()),
      fan_out_(generation_, costs) {}

core::Report Slot::judge(Job& job, Spread spread) {
    const std::uint64_t start = util::monotonic_ns();
    if (job.deadline.passed())
        return unseen(*generation_, job, core::named(job.name), Reason::no_time,
                      "it waited until its deadline");
    auto artifact = job.load(*buffer_);
    if (!artifact) {
        buffer_->trim();
        return unread(*generation_, job, std::move(artifact.error()));
    }
    const std::optional<util::Sha256>& sha256 = artifact->facts.sha256;
    std::optional<Flights::Flight> flight;
    if (sha256 && generation_->remembers(*artifact)) flight.emplace(flights_, *sha256).wait(patience(job));
    // From here on: what takes long to arrive has its whole time still.
    const core::Deadline deadline =
        job.timeout.count() > 0 ? job.deadline.earlier(core::Deadline::after(job.timeout)) : job.deadline;
    auto listed = sha256 ? generation_->trusted.find(*sha256) : std::nullopt;
    core::Report report;
    report.generation = generation_->number;
    bool decided_early = false;
    if (listed && generation_->combiner.early_decision) {
        report.results = empty_rows(*generation_, Reason::decided, {});
        decided_early = true;
    } else {
        artifact->memory = buffer_->share(artifact->bytes.size());
        report.results.resize(generation_->backends.size());
        for (std::size_t i = 0; i < report.results.size(); ++i)
            report.results[i].backend = generation_->backends[i].backend->facts();
        decided_early = fan_out_.run({.artifact = *artifact,
                                      .deadline = deadline,
                                      .all_matches = job.all_matches,
                                      .backends = job.backends.get(),
                                      .spread = spread},
                                     report.results);
    }
    report.artifact = std::move(artifact->facts);
    combine_rows(*generation_, job.detail, std::move(listed), decided_early, report);
    buffer_->trim();
    report.duration_ns = util::monotonic_ns() - start;
    return report;
}

}   // namespace microengine::engine
