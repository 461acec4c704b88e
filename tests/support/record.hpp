// SPDX-License-Identifier: MIT
#pragma once
// What a program under test has counted and logged.

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace microengine::support {

/// From the first call on, which comes before there are threads. Any thread.
class Record {
public:
    static Record& the();
    /// "http_requests_total{route=/healthz,status=200}"
    [[nodiscard]] double number(const std::string& metric);
    /// False: it has not come to be.
    [[nodiscard]] bool await(const std::string& metric, const std::function<bool(double)>& holds);
    /// Lines of "event key=value …".
    [[nodiscard]] std::vector<std::string> lines();

private:
    Record();
    class Sink;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, double> numbers_;
    std::vector<std::string> lines_;
};

}   // namespace microengine::support
