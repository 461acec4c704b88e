// SPDX-License-Identifier: MIT
#pragma once
// The metrics facade: `count("clamd_commands_total", {{"command", "PING"}})`. The names, their meaning and
// their buckets stand in one table, app/metrics_registry.cpp, which also writes "microengine_" in front.
// Without a registry nothing is kept. Any thread.

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace microengine::util {

using Label = std::pair<std::string_view, std::string_view>;   ///< of a closed set of values
using Labels = std::initializer_list<Label>;

/// Where the numbers go. Any thread; must not throw.
class MetricsSink {
public:
    MetricsSink() = default;
    MetricsSink(const MetricsSink&) = delete;
    MetricsSink& operator=(const MetricsSink&) = delete;
    virtual ~MetricsSink() = default;
    virtual void count(std::string_view name, Labels labels, double by) = 0;
    virtual void gauge(std::string_view name, Labels labels, double value) = 0;
    virtual void observe(std::string_view name, Labels labels, double value) = 0;
};
/// Set once, before other threads start; null: nothing is kept.
void set_metrics_sink(MetricsSink* sink);

void count(std::string_view name, Labels labels = {}, double by = 1);
/// The value now.
void gauge(std::string_view name, Labels labels, double value);
/// One more of a histogram; seconds or bytes, as its name says.
void observe(std::string_view name, Labels labels, double value);

}   // namespace microengine::util
