// SPDX-License-Identifier: MIT
#pragma once
// Where the numbers go that the metrics facade is given: prometheus-cpp's registry. All families stand in one
// table in the .cpp; what can be asked for at any time is in live_metrics.

#include "host/util/metrics.hpp"

#include <prometheus/collectable.h>
#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <cstddef>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

namespace microengine::app {

/// Any thread. A name that is not in the table, or is used for another kind of number, is a bug.
class MetricsRegistry final : public util::MetricsSink {
public:
    MetricsRegistry();
    void count(std::string_view name, util::Labels labels, double by) override;
    void gauge(std::string_view name, util::Labels labels, double value) override;
    void observe(std::string_view name, util::Labels labels, double value) override;

    /// The text format 0.0.4 of Prometheus: what was counted, then what `more` collects.
    [[nodiscard]] std::string text(const prometheus::Collectable& more) const;

private:
    using Families =
        std::variant<prometheus::Family<prometheus::Counter>*, prometheus::Family<prometheus::Gauge>*,
                     prometheus::Family<prometheus::Histogram>*>;
    struct Entry {
        Families family;
        std::vector<double> buckets;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    template <class Metric>
    Metric& metric(std::string_view name, util::Labels labels);

    prometheus::Registry registry_;
    std::unordered_map<std::string_view, Entry> families_;   // of the table: never changes
    // One for each family and set of labels, so that counting takes no memory. They live in the registry.
    std::shared_mutex mutex_;
    std::unordered_map<std::string, void*, Hash, std::equal_to<>> metrics_;   // guarded by mutex_
};

}   // namespace microengine::app
