// SPDX-License-Identifier: MIT
#include "host/app/serve/live_metrics.hpp"

#include "host/util/memory.hpp"

#include <prometheus/metric_family.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace microengine::app {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;
using State = plugin::Health::State;

/// A family in the making.
class Numbers {
public:
    Numbers(MetricType type, std::string name, std::string help)
        : family_{.name = std::move(name), .help = std::move(help), .type = type, .metric = {}} {}
    Numbers& add(double value, Labels labels = {}) {
        ClientMetric metric;
        metric.label = std::move(labels);
        (family_.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
        family_.metric.push_back(std::move(metric));
        return *this;
    }
    /// Nothing, if there are none.
    void into(std::vector<MetricFamily>& all) {
        if (!family_.metric.empty()) all.push_back(std::move(family_));
    }

private:
    MetricFamily family_;
};

Numbers gauge(const std::string& name, std::string help) {
    return {MetricType::Gauge, "microengine_" + name, std::move(help)};
}
Numbers counter(const std::string& name, std::string help) {
    return {MetricType::Counter, "microengine_" + name, std::move(help)};
}
const double kStarted = static_cast<double>(std::time(nullptr));
double number(auto value) { return static_cast<double>(value); }

void add_backends(const std::vector<engine::BackendStatus>& backends, std::vector<MetricFamily>& all) {
    constexpr std::array states{State::ready, State::degraded, State::quarantined};
    Numbers state = gauge("backend_state", "1 for the state that each backend is in, 0 for the others.");
    Numbers faults =
        counter("backend_faults_total", "Crashes and broken promises of each backend since it was opened.");
    Numbers lost =
        counter("backend_worker_restarts_total", "Workers of each backend that ended and were replaced.");
    Numbers trips = gauge("backend_breaker_trips",
                          "How often each backend was taken out of service, and not yet forgiven.");
    Numbers memory =
        gauge("backend_memory_bytes", "Resident memory of the process that has a backend's signatures.");
    Numbers count = gauge("signatures", "Signatures of each backend.");
    Numbers date = gauge("signatures_timestamp_seconds", "When each backend's signatures were made.");
    Numbers age = gauge("signatures_age_seconds", "How old each backend's signatures are.");
    for (const engine::BackendStatus& backend : backends) {
        const Labels labels{{"backend", backend.facts->policy.name}};
        for (const State which : states)
            state.add(backend.health.state == which ? 1 : 0,
                      {{"backend", backend.facts->policy.name}, {"state", std::string(to_text(which))}});
        faults.add(number(backend.health.faults), labels);
        lost.add(number(backend.health.lost_workers), labels);
        trips.add(number(backend.health.trips), labels);
        if (backend.health.memory_bytes != 0) memory.add(number(backend.health.memory_bytes), labels);
        const auto& signatures = backend.facts->signatures;
        if (!signatures) continue;
        count.add(number(signatures->count), labels);
        if (signatures->date_unix == 0) continue;
        date.add(number(signatures->date_unix), labels);
        age.add(number(std::max<std::int64_t>(0, std::time(nullptr) - signatures->date_unix)), labels);
    }
    for (Numbers* each : {&state, &faults, &lost, &trips, &memory, &count, &date, &age}) each->into(all);
}

/// By the names that every client library of Prometheus uses.
void add_process(std::vector<MetricFamily>& all) {
    rusage used{};
    if (::getrusage(RUSAGE_SELF, &used) == 0) {
        const auto seconds = [](const timeval& time) {
            return number(time.tv_sec) + number(time.tv_usec) / 1e6;
        };
        Numbers(MetricType::Counter, "process_cpu_seconds_total",
                "CPU time of this process, without its backends' own.")
            .add(seconds(used.ru_utime) + seconds(used.ru_stime))
            .into(all);
    }
    Numbers(MetricType::Gauge, "process_resident_memory_bytes",
            "Resident memory of this process, without its backends' own.")
        .add(number(util::resident_bytes(::getpid())))
        .into(all);
    std::error_code error;
    std::size_t open = 0;
    for (std::filesystem::directory_iterator entry("/proc/self/fd", error), end; !error && entry != end;
         entry.increment(error))
        ++open;
    if (!error)
        Numbers(MetricType::Gauge, "process_open_fds", "Open descriptors.").add(number(open)).into(all);
    Numbers(MetricType::Gauge, "process_start_time_seconds", "When this process started serving.")
        .add(kStarted)
        .into(all);
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0)
        Numbers(MetricType::Gauge, "process_max_fds", "Descriptors that may be open.")
            .add(number(limit.rlim_cur))
            .into(all);
}

}   // namespace

std::vector<MetricFamily> LiveMetrics::Collect() const {
    std::vector<MetricFamily> all;
    gauge("build_info", "1; the labels say what runs.").add(1, {{"version", MICROENGINE_VERSION}}).into(all);
    const engine::Load load = service_.load();
    gauge("scan_slots", "Artifacts that can be judged at the same time.").add(number(load.slots)).into(all);
    gauge("scans_running", "Artifacts judged now.").add(number(load.running)).into(all);
    gauge("scans_waiting", "Scans that wait for a slot.").add(number(load.waiting)).into(all);
    gauge("spool_bytes", "Of artifacts that have arrived and wait.").add(number(room_.used())).into(all);
    gauge("generation", "Counts the configurations and signatures loaded so far.")
        .add(number(service_.generation()->number))
        .into(all);
    gauge("ready", "Whether /readyz says that the service is ready.")
        .add(operations_.readiness().ready ? 1 : 0)
        .into(all);
    add_backends(operations_.backends(), all);
    add_process(all);
    return all;
}

}   // namespace microengine::app
