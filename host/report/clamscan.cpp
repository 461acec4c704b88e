// SPDX-License-Identifier: MIT
#include "host/report/clamscan.hpp"

#include "host/report/columns.hpp"
#include "host/report/names.hpp"
#include "host/util/text.hpp"

#include <array>
#include <cstdio>

namespace microengine::report {

namespace {

using core::Verdict;

std::string megabytes(std::uint64_t bytes) {
    return decimals(static_cast<double>(bytes) / (1024.0 * 1024.0), 2) + " MB";
}

std::string seconds(std::uint64_t elapsed_ns) {
    const std::uint64_t ms = elapsed_ns / 1'000'000;
    const std::uint64_t whole = ms / 1000;
    std::array<char, 96> text{};
    std::snprintf(text.data(), text.size(), "%llu.%03llu sec (%llu m %llu s)",
                  static_cast<unsigned long long>(whole), static_cast<unsigned long long>(ms % 1000),
                  static_cast<unsigned long long>(whole / 60), static_cast<unsigned long long>(whole % 60));
    return text.data();
}

std::string date(std::chrono::local_seconds time) {
    const auto midnight = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day day(midnight);
    const std::chrono::hh_mm_ss clock(time - midnight);
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%04d:%02u:%02u %02d:%02d:%02d", static_cast<int>(day.year()),
                  static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()));
    return text.data();
}

}   // namespace

std::string clamscan_line(const core::Report& report) {
    const std::string path = util::printable(report.artifact.name) + ": ";
    switch (report.combined.verdict) {
        case Verdict::benign:
            return path + "OK";
        case Verdict::suspicious:
        case Verdict::malicious:
            return path + clam_name(report) + " FOUND";
        case Verdict::unknown:
            break;
    }
    return path + std::string(clam_reason(report)) + " ERROR";
}

std::string clamscan_error(std::string_view path) {
    return util::printable(path) + ": Can't open file or directory ERROR";
}

std::string clamscan_summary(const Tally& tally, const ClamscanRun& run) {
    const std::uint64_t infected = tally.count(Verdict::malicious) + tally.count(Verdict::suspicious);
    const std::uint64_t errors = tally.count(Verdict::unknown) + tally.errors;   // one for each ERROR line
    std::string text = "\n----------- SCAN SUMMARY -----------\n";
    text += "Known viruses: " + std::to_string(tally.signatures) + '\n';
    text += "Engine version: " + std::string(run.version) + '\n';
    text += "Scanned directories: " + std::to_string(run.directories) + '\n';
    text += "Scanned files: " + std::to_string(tally.artifacts) + '\n';
    text += "Infected files: " + std::to_string(infected) + '\n';
    if (errors > 0) text += "Total errors: " + std::to_string(errors) + '\n';
    text += "Data scanned: " + megabytes(tally.bytes) + '\n';
    text +=
        "Data read: " + megabytes(tally.bytes) + " (ratio " + (tally.bytes > 0 ? "1.00" : "0.00") + ":1)\n";
    text += "Time: " + seconds(tally.elapsed_ns) + '\n';
    text += "Start Date: " + date(run.started) + '\n';
    text += "End Date:   " + date(run.ended) + '\n';
    return text;
}

}   // namespace microengine::report
