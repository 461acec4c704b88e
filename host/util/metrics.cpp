// SPDX-License-Identifier: MIT
#include "host/util/metrics.hpp"

namespace microengine::util {

namespace {

MetricsSink*& the_sink() {
    static MetricsSink* sink = nullptr;
    return sink;
}

}   // namespace

void set_metrics_sink(MetricsSink* sink) { the_sink() = sink; }

void count(std::string_view name, Labels labels, double by) {
    if (MetricsSink* sink = the_sink()) sink->count(name, labels, by);
}

void gauge(std::string_view name, Labels labels, double value) {
    if (MetricsSink* sink = the_sink()) sink->gauge(name, labels, value);
}

void observe(std::string_view name, Labels labels, double value) {
    if (MetricsSink* sink = the_sink()) sink->observe(name, labels, value);
}

}   // namespace microengine::util
