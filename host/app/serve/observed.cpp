// SPDX-License-Identifier: MIT
#include "host/app/serve/observed.hpp"

#include "host/util/digest.hpp"
#include "host/util/log.hpp"
#include "host/util/metrics.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace microengine::app {

namespace {

using Done = std::move_only_function<void(core::Report)>;

constexpr double kNanosecond = 1e-9;

void record(const core::Report& report, std::string_view frontend) {
    util::count("scans_total", {{"frontend", frontend}, {"verdict", to_text(report.combined.verdict)}});
    util::observe("scan_seconds", {{"frontend", frontend}},
                  static_cast<double>(report.duration_ns) * kNanosecond);
    for (const core::ScanResult& row : report.results) {
        const std::string_view backend = row.backend->policy.name;
        util::count("backend_scans_total", {{"backend", backend}, {"outcome", to_text(row.outcome)}});
        if (row.cached)
            util::count("cache_hits_total", {{"backend", backend}});
        else if (row.outcome != core::Outcome::skipped)
            util::observe("backend_scan_seconds", {{"backend", backend}},
                          static_cast<double>(row.duration_ns) * kNanosecond);
    }
}

std::string joined(const std::vector<std::string>& names) {
    std::string all;
    for (const std::string& name : names) all += (all.empty() ? "" : ",") + name;
    return all;
}

void write_line(const core::Report& report, std::string_view frontend, const std::string& request) {
    const auto& sha256 = report.artifact.sha256;
    util::log(util::Level::info, "scan",
              {{"request", request},
               {"frontend", std::string(frontend)},
               {"artifact", report.artifact.name},
               {"sha256", sha256 ? util::hex(*sha256) : ""},
               {"size", std::to_string(report.artifact.size)},
               {"verdict", std::string(to_text(report.combined.verdict))},
               {"detection", report.combined.name},
               {"reason", std::string(to_text(report.combined.reason))},
               {"missing", joined(report.combined.missing)},
               {"error", report.error},
               {"generation", std::to_string(report.generation)},
               {"ms", std::to_string(report.duration_ns / 1'000'000)}});
}

}   // namespace

engine::Offer Observed::offer(engine::Job&& job) {
    const std::string_view frontend = job.frontend;
    // Shared for one reason: a job that is refused goes back as it came.
    const auto answer = std::make_shared<Done>(std::move(job.done));
    job.done = [this, answer, frontend, request = job.request](core::Report report) {
        record(report, frontend);
        write_line(report, frontend, request);
        if (engine::ReportListener* listener = listener_) listener->on_report(report, frontend);
        (*answer)(std::move(report));
    };
    const engine::Offer offer = inner_.offer(std::move(job));
    if (offer == engine::Offer::accepted) return offer;
    // NOLINTNEXTLINE(bugprone-use-after-move): a job that is refused is untouched
    job.done = std::move(*answer);
    util::count("scans_refused_total",
                {{"frontend", frontend}, {"reason", offer == engine::Offer::full ? "queue_full" : "ending"}});
    return offer;
}

void Observed::tell(const engine::ReloadOutcome& outcome) {
    if (engine::ReportListener* listener = listener_) listener->on_reload(outcome);
}

}   // namespace microengine::app
