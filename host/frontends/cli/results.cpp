// SPDX-License-Identifier: MIT
#include "host/frontends/cli/results.hpp"

#include "host/report/clamscan.hpp"
#include "host/report/explain_text.hpp"
#include "host/report/json.hpp"
#include "host/report/text.hpp"

#include <ctime>

namespace microengine::cli {

namespace {

/// This machine's wall clock; libstdc++ 12 has no time zones of its own.
std::chrono::local_seconds local_now() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    ::localtime_r(&now, &parts);
    return std::chrono::local_seconds(std::chrono::seconds(now + parts.tm_gmtoff));
}

bool is_find(const core::Report& report) { return report.combined.verdict >= core::Verdict::suspicious; }

}   // namespace

Results::Results(const ScanOptions& options, Console& console)
    : options_(options), console_(console), started_(local_now()) {}

void Results::begin() {
    if (options_.format == Format::sarif && !options_.quiet) print(sarif_.begin());
}

void Results::add(const core::Report& report) {
    tally_.add(report);
    // SARIF has no benign results anyway. Elsewhere what could not be judged must show, if not as a result.
    const bool finds_only = options_.finds_only && options_.format != Format::sarif;
    if ((options_.quiet || finds_only) && report.combined.verdict == core::Verdict::unknown)
        console_.note(report::clamscan_line(report));
    if (options_.quiet || (finds_only && !is_find(report))) return;
    switch (options_.format) {
        case Format::text:
            return add_text(report);
        case Format::json:
            return add_json(report);
        case Format::ndjson:
            return print(report::to_json(report) + '\n');
        case Format::sarif:
            return print(sarif_.add(report));
        case Format::clamscan:
            return print(report::clamscan_line(report) + '\n');
    }
}

void Results::add_text(const core::Report& report) {
    const report::Style style{.colour = console_.colour_out(),
                              .width = console_.terminal_out() ? console_.width() : 0};
    print((options_.explain ? report::explain(report, style) : report::to_text(report, style)) + '\n');
}

void Results::add_json(const core::Report& report) {
    // One artifact is an object, several are an array: the first waits for the second.
    std::string object = report::to_json(report, report::JsonStyle::pretty);
    if (shown_++ == 0) {
        held_ = std::move(object);
        return;
    }
    if (shown_ == 2) print("[\n" + held_);
    print(",\n" + object);
    held_.clear();
}

void Results::end_json() {
    if (shown_ == 0)
        print("[]\n");
    else
        print(shown_ == 1 ? held_ + '\n' : "\n]\n");
}

void Results::end(std::uint64_t elapsed_ns, std::uint64_t directories, const std::string& interruption) {
    tally_.elapsed_ns = elapsed_ns;
    if (options_.quiet) return;
    if (options_.format == Format::json) end_json();
    if (!interruption.empty()) sarif_.interrupted(interruption);
    if (options_.format == Format::sarif) print(sarif_.finish());
    if (!options_.no_summary) summarise(directories);
}

void Results::summarise(std::uint64_t directories) {
    if (options_.format == Format::clamscan) {
        print(report::clamscan_summary(tally_, {.version = report::engine_version(),
                                                .directories = directories,
                                                .started = started_,
                                                .ended = local_now()}));
    } else if (options_.format == Format::text) {
        // Beside the results, not among them: a pipe gets the results only.
        console_.note(report::summary_text(tally_, {.colour = console_.colour_err(), .width = 0}));
    }
}

void Results::print(const std::string& text) {
    if (!text.empty() && !console_.print(text)) broken_ = true;
}

}   // namespace microengine::cli
