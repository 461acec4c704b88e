// SPDX-License-Identifier: MIT
#pragma once
// What a frontend may ask of the daemon beside scans, and what the daemon tells frontends unasked.

#include "host/core/report.hpp"
#include "host/plugin/backend.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::engine {

struct ReloadOutcome {
    bool replaced = false;               ///< false: the old generation goes on
    std::uint64_t generation = 0;        ///< the current one
    std::vector<std::string> problems;   ///< why not, one line each, printable
};

struct BackendStatus {
    std::shared_ptr<const core::BackendFacts> facts;
    plugin::Health health;
};

struct Readiness {
    bool ready = false;
    std::vector<std::string> reasons;   ///< why not
};

/// Any thread.
class Operations {
public:
    Operations() = default;
    Operations(const Operations&) = delete;
    Operations& operator=(const Operations&) = delete;
    virtual ~Operations() = default;
    /// Starts a reload, or joins one that has not begun yet. `done`, if any, is called exactly once, on
    /// another thread. `who` is for the log.
    virtual void reload(std::string_view who, std::move_only_function<void(const ReloadOutcome&)> done) = 0;
    /// Ends the daemon as SIGTERM does.
    virtual void shutdown(std::string_view who) = 0;
    [[nodiscard]] virtual Readiness readiness() const = 0;
    [[nodiscard]] virtual std::vector<BackendStatus> backends() const = 0;
    /// The metrics in the text format of Prometheus.
    [[nodiscard]] virtual std::string metrics() const = 0;
};

/// Hears of every scan of every frontend. Called on scanning threads: must be quick and not throw.
class ReportListener {
public:
    ReportListener() = default;
    ReportListener(const ReportListener&) = delete;
    ReportListener& operator=(const ReportListener&) = delete;
    virtual ~ReportListener() = default;
    virtual void on_report(const core::Report& report, std::string_view frontend) = 0;
    virtual void on_reload(const ReloadOutcome& outcome) = 0;
};

}   // namespace microengine::engine
