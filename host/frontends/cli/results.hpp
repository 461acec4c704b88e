// SPDX-License-Identifier: MIT
#pragma once
// The reports of a run on standard output, in the format that was asked for.

#include "host/core/report.hpp"
#include "host/frontends/cli/console.hpp"
#include "host/frontends/cli/scan_options.hpp"
#include "host/report/sarif.hpp"
#include "host/report/tally.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace microengine::cli {

/// One thread at a time; broken() on any.
class Results {
public:
    Results(const ScanOptions& options, Console& console);
    void begin();
    void add(const core::Report& report);
    /// What follows the last report: closing brackets, the summary. `elapsed_ns` is of the whole run;
    /// `interruption` says that results are missing, "": none are.
    void end(std::uint64_t elapsed_ns, std::uint64_t directories, const std::string& interruption);
    /// Standard output cannot be written any more.
    [[nodiscard]] bool broken() const { return broken_; }
    [[nodiscard]] const report::Tally& tally() const { return tally_; }

private:
    void print(const std::string& text);
    void add_text(const core::Report& report);
    void add_json(const core::Report& report);
    void end_json();
    void summarise(std::uint64_t directories);

    const ScanOptions& options_;
    Console& console_;
    report::Tally tally_;
    report::SarifWriter sarif_;
    std::string held_;   // the first JSON object, until it is known whether it is the only one
    std::uint64_t shown_ = 0;
    std::chrono::local_seconds started_;
    std::atomic<bool> broken_ = false;
};

}   // namespace microengine::cli
