// SPDX-License-Identifier: MIT
#include "host/app/serve/metrics_registry.hpp"

#include "host/util/result.hpp"

#include <prometheus/text_serializer.h>

#include <array>
#include <mutex>
#include <type_traits>
#include <utility>

namespace microengine::app {

namespace {

enum class Kind : std::uint8_t { counter, gauge, seconds };

struct FamilySpec {
    std::string_view name;   ///< as the facade is given it; the registry puts "microengine_" in front
    Kind kind;
    std::string_view help;
};

constexpr std::array kFamilies{
    FamilySpec{"scans_total", Kind::counter, "Artifacts judged, by the way they came in and their verdict."},
    FamilySpec{"scan_seconds", Kind::seconds, "From an artifact's turn to its report."},
    FamilySpec{"scans_refused_total", Kind::counter, "Scans that were not taken on, by frontend and reason."},
    FamilySpec{"backend_scans_total", Kind::counter, "Answers of each backend, by outcome."},
    FamilySpec{"backend_scan_seconds", Kind::seconds, "How long each backend took for an artifact."},
    FamilySpec{"cache_hits_total", Kind::counter,
               "Answers of backends that were remembered from an earlier scan."},
    FamilySpec{"reloads_total", Kind::counter, "Reloads, by result."},
    FamilySpec{"reload_seconds", Kind::seconds, "How long a reload took."},
    FamilySpec{"reload_last_refused", Kind::gauge, "1 if the last reload was refused, else 0."},
    FamilySpec{"reload_last_success_timestamp_seconds", Kind::gauge, "When the current generation began."},
    FamilySpec{"clamd_connections", Kind::gauge, "Clients connected to the clamd server."},
    FamilySpec{"clamd_commands_total", Kind::counter, "Commands of clamd's clients."},
    FamilySpec{"clamd_scan_seconds", Kind::seconds, "From a clamd command to its reply, the wait included."},
    FamilySpec{"clamd_bytes_total", Kind::counter, "Bytes received by the clamd server."},
    FamilySpec{"clamd_refused_total", Kind::counter, "What the clamd server refused, by reason."},
    FamilySpec{"clamd_timeouts_total", Kind::counter,
               "Clients that the clamd server gave up, by what it waited for."},
    FamilySpec{"http_connections", Kind::gauge, "Clients connected to the HTTP API."},
    FamilySpec{"http_requests_total", Kind::counter, "Requests to the HTTP API, by route and status."},
    FamilySpec{"http_request_seconds", Kind::seconds,
               "From a request's head to the end of its answer, by route."},
    FamilySpec{"http_bytes_total", Kind::counter, "Bytes of bodies received by the HTTP API."},
    FamilySpec{"http_refused_total", Kind::counter, "What the HTTP API refused, by reason."},
    FamilySpec{"queue_connected", Kind::gauge, "1 while the broker of the queue is connected, else 0."},
    FamilySpec{"queue_blocked", Kind::gauge,
               "1 while the broker takes no messages for want of memory or disk."},
    FamilySpec{"queue_reconnects_total", Kind::counter,
               "Connections to the broker that were lost or refused."},
    FamilySpec{"queue_workers", Kind::gauge, "Workers that take interactive jobs."},
    FamilySpec{"queue_depth", Kind::gauge, "Jobs that wait in the queue, by class."},
    FamilySpec{"queue_dead_depth", Kind::gauge, "Jobs given up that are not answered yet."},
    FamilySpec{"queue_unanswered", Kind::gauge, "Jobs that this process has published and has no answer to."},
    FamilySpec{"queue_oldest_seconds", Kind::gauge, "Age of the oldest of them."},
    FamilySpec{"queue_roundtrip_seconds", Kind::seconds, "From taking a job on to its result from a worker."},
    FamilySpec{"queue_refused_total", Kind::counter,
               "Jobs that the broker refused, because its queue is full."},
    FamilySpec{"queue_undone_total", Kind::counter, "Jobs that were answered without a report, by reason."},
    FamilySpec{"queue_bad_results_total", Kind::counter, "Results that could not be read."},
    FamilySpec{"queue_results_twice_total", Kind::counter, "Results of jobs that were answered already."},
    FamilySpec{"queue_in_hand", Kind::gauge, "Jobs that this worker has not acknowledged yet."},
    FamilySpec{"queue_deliveries_total", Kind::counter, "Jobs that this worker was given, by class."},
    FamilySpec{"queue_wait_seconds", Kind::seconds,
               "From a job's publication to its arrival at this worker."},
    FamilySpec{"queue_redeliveries_total", Kind::counter, "Those that another worker had been given before."},
    FamilySpec{"queue_dead_letters_total", Kind::counter,
               "Dead letters that this worker answered, by reason."},
    FamilySpec{"queue_last_tries_total", Kind::counter,
               "Jobs that were with workers as they were lost, tried once more."},
    FamilySpec{"queue_results_unclaimed_total", Kind::counter, "Results whose client has gone."},
    FamilySpec{"polyswarm_webhooks_total", Kind::counter, "Webhook requests, by engine, event and status."},
    FamilySpec{"polyswarm_signature_failures_total", Kind::counter,
               "Webhooks with a bad signature, by reason."},
    FamilySpec{"polyswarm_previous_secret_total", Kind::counter,
               "Webhooks signed with the previous secret: none any more, and it can go."},
    FamilySpec{"polyswarm_bounties_total", Kind::counter, "Bounties accepted, by artifact type and phase."},
    FamilySpec{"polyswarm_duplicates_total", Kind::counter, "Bounties that were delivered again."},
    FamilySpec{"polyswarm_resumed_total", Kind::counter, "Bounties taken up from the journal at the start."},
    FamilySpec{"polyswarm_replies_total", Kind::counter,
               "Bounties that are finished, by verdict and result."},
    FamilySpec{"polyswarm_reply_attempts_total", Kind::counter, "Attempts to post a reply, by their answer."},
    FamilySpec{"polyswarm_reply_lead_seconds", Kind::seconds,
               "From a reply's delivery to its deadline; below 0: too late."},
    FamilySpec{"polyswarm_late_total", Kind::counter, "Replies that the watchdog had to fix."},
    FamilySpec{"polyswarm_skipped_total", Kind::counter, "Bounties answered without a scan, by reason."},
    FamilySpec{"polyswarm_fetch_seconds", Kind::seconds, "How long an artifact took to arrive."},
    FamilySpec{"polyswarm_fetch_failures_total", Kind::counter,
               "Artifacts that could not be had, by reason."},
    FamilySpec{"polyswarm_fetch_bytes_total", Kind::counter, "Bytes of fetched artifacts."},
    FamilySpec{"polyswarm_scan_seconds", Kind::seconds, "From the offer of a scan to its report."},
    FamilySpec{"polyswarm_journal_commit_seconds", Kind::seconds, "One transaction of the journal."},
    FamilySpec{"polyswarm_pending", Kind::gauge, "Bounties that a reply is still owed for."},
    FamilySpec{"polyswarm_pending_limit", Kind::gauge, "The most that may be: polyswarm.max_pending."},
    FamilySpec{"polyswarm_unknown_ratio", Kind::gauge, "The share of unknown among the last 100 replies."},
    FamilySpec{"polyswarm_clock_skew_seconds", Kind::gauge, "How old the last bounty was when it arrived."},
    FamilySpec{"polyswarm_budget_left_nct", Kind::gauge, "What may still be bid, by engine and window."},
    FamilySpec{"polyswarm_bid_nct_total", Kind::counter, "What was bid."},
};

/// There from the start: an alert on an increase needs the 0 before it.
void begin(MetricsRegistry& registry) {
    for (const std::string_view frontend : {"clamd", "http", "polyswarm"}) {
        for (const std::string_view verdict : {"benign", "malicious", "suspicious", "unknown"})
            registry.count("scans_total", {{"frontend", frontend}, {"verdict", verdict}}, 0);
        for (const std::string_view reason : {"queue_full", "ending"})
            registry.count("scans_refused_total", {{"frontend", frontend}, {"reason", reason}}, 0);
    }
    for (const std::string_view result : {"replaced", "refused"})
        registry.count("reloads_total", {{"result", result}}, 0);
    registry.gauge("reload_last_refused", {}, 0);
}

/// A cached answer takes microseconds, ClamAV on an archive minutes.
const std::vector<double> kSecondsBuckets{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                          0.025,  0.05,    0.1,    0.25,  0.5,    1,     2.5,
                                          5,      10,      30,     60,    120};

template <class Builder>
auto& family_of(Builder builder, const FamilySpec& spec, prometheus::Registry& registry) {
    return builder.Name("microengine_" + std::string(spec.name))
        .Help(std::string(spec.help))
        .Register(registry);
}

}   // namespace

MetricsRegistry::MetricsRegistry() {
    for (const FamilySpec& spec : kFamilies) {
        Entry entry{};
        if (spec.kind == Kind::counter)
            entry.family = &family_of(prometheus::BuildCounter(), spec, registry_);
        else if (spec.kind == Kind::gauge)
            entry.family = &family_of(prometheus::BuildGauge(), spec, registry_);
        else
            entry = {.family = &family_of(prometheus::BuildHistogram(), spec, registry_),
                     .buckets = kSecondsBuckets};
        families_.emplace(spec.name, std::move(entry));
    }
    begin(*this);
}

template <class Metric>
Metric& MetricsRegistry::metric(std::string_view name, util::Labels labels) {
    static thread_local std::string key;   // its memory is kept
    key.assign(name);
    for (const auto& [label, value] : labels) key.append(1, '\0').append(label).append(1, '\0').append(value);
    {
        const std::shared_lock lock(mutex_);
        const auto found = metrics_.find(key);
        if (found != metrics_.end()) return *static_cast<Metric*>(found->second);
    }
    const auto entry = families_.find(name);
    util::ensure(entry != families_.end(), "the metric is in the table");
    auto* const* family = std::get_if<prometheus::Family<Metric>*>(&entry->second.family);
    util::ensure(family != nullptr, "the metric is of this kind");
    prometheus::Labels all;
    for (const auto& [label, value] : labels) all.emplace(label, value);
    const std::scoped_lock lock(mutex_);
    Metric* made = nullptr;
    if constexpr (std::is_same_v<Metric, prometheus::Histogram>)
        made = &(*family)->Add(all, entry->second.buckets);
    else
        made = &(*family)->Add(all);   // the same one, if another thread was faster
    metrics_.emplace(key, made);
    return *made;
}

void MetricsRegistry::count(std::string_view name, util::Labels labels, double by) {
    metric<prometheus::Counter>(name, labels).Increment(by);
}

void MetricsRegistry::gauge(std::string_view name, util::Labels labels, double value) {
    metric<prometheus::Gauge>(name, labels).Set(value);
}

void MetricsRegistry::observe(std::string_view name, util::Labels labels, double value) {
    metric<prometheus::Histogram>(name, labels).Observe(value);
}

std::string MetricsRegistry::text(const prometheus::Collectable& more) const {
    std::vector<prometheus::MetricFamily> all = registry_.Collect();
    std::erase_if(all, [](const prometheus::MetricFamily& family) { return family.metric.empty(); });
    for (prometheus::MetricFamily& family : more.Collect()) all.push_back(std::move(family));
    return prometheus::TextSerializer().Serialize(all);
}

}   // namespace microengine::app
