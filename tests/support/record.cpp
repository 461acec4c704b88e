// SPDX-License-Identifier: MIT
#include "tests/support/record.hpp"

#include "host/util/log.hpp"
#include "host/util/metrics.hpp"
#include "tests/support/temp_dir.hpp"

#include <utility>

namespace microengine::support {

class Record::Sink final : public util::MetricsSink {
public:
    explicit Sink(Record& record) : record_(record) {}
    void count(std::string_view name, util::Labels labels, double by) override {
        note(name, labels, [by](double& value) { value += by; });
    }
    void gauge(std::string_view name, util::Labels labels, double value) override {
        note(name, labels, [value](double& now) { now = value; });
    }
    void observe(std::string_view name, util::Labels labels, double /*value*/) override {
        note(name, labels, [](double& times) { ++times; });
    }

private:
    void note(std::string_view name, util::Labels labels, const std::function<void(double&)>& change) {
        std::string key(name);
        for (const auto& [label, value] : labels)
            key.append(key.contains('{') ? "," : "{").append(label).append("=").append(value);
        if (labels.size() != 0) key += '}';
        const std::scoped_lock lock(record_.mutex_);
        change(record_.numbers_[key]);
        record_.changed_.notify_all();
    }
    Record& record_;
};

Record::Record() {
    util::set_metrics_sink(new Sink(*this));   // as long as the program runs
    util::set_log_sink(
        [this](util::Level, std::string_view event, const util::LogField* fields, std::size_t count) {
            std::string line(event);
            for (std::size_t i = 0; i < count; ++i)
                line.append(" ").append(fields[i].key).append("=").append(fields[i].value);
            const std::scoped_lock lock(mutex_);
            lines_.push_back(std::move(line));
        });
}

Record& Record::the() {
    static auto* const record = new Record;
    return *record;
}

double Record::number(const std::string& metric) {
    const std::scoped_lock lock(mutex_);
    return numbers_[metric];
}

bool Record::await(const std::string& metric, const std::function<bool(double)>& holds) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return holds(numbers_[metric]); });
}

std::vector<std::string> Record::lines() {
    const std::scoped_lock lock(mutex_);
    return lines_;
}

}   // namespace microengine::support
