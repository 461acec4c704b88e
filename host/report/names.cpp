// SPDX-License-Identifier: MIT
#include "host/report/names.hpp"

#include "host/report/phrases.hpp"

#include <algorithm>
#include <span>

namespace microengine::report {

namespace {

using core::Outcome, core::Partial, core::Reason, core::ScanResult, core::UnknownBecause, core::Verdict;

constexpr std::string_view kClamAv = "org.microengine.clamav";
constexpr std::string_view kYara = "org.microengine.yara";
constexpr std::size_t kHead = 53;

bool allowed(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("._/!+-{}").contains(c);
}

std::string qualified(const ScanResult& row, std::string_view name) {
    if (row.backend->plugin_id == kClamAv && !name.empty()) return std::string(name);
    if (row.backend->plugin_id == kYara && !name.empty()) return "YARA." + std::string(name) + ".UNOFFICIAL";
    return row.backend->policy.name + "." + (name.empty() ? "Unnamed" : std::string(name));
}

std::string prefixed(Verdict verdict, const std::string& name) {
    return verdict == Verdict::suspicious ? "Suspicious." + name : name;
}

/// Why this row gave no vote.
std::string_view reason_of(const ScanResult& row) {
    switch (row.reason) {
        case Reason::out_of_memory:
            return "Can't allocate memory";
        case Reason::too_big:
            return "Exceeded max scan size";
        case Reason::no_time:
            return "Exceeded time limit";
        case Reason::no_artifact:
            return "Can't open file or directory";
        case Reason::overloaded:
            return "Queue full";
        case Reason::cancelled:
            return "Shutting down";
        default:
            break;
    }
    if (row.outcome == Outcome::timed_out || row.partial == Partial::time_limit) return "Exceeded time limit";
    if (row.outcome == Outcome::crashed) return "Backend crashed";
    if (row.partial == Partial::too_large || row.partial == Partial::too_deep ||
        row.partial == Partial::too_many)
        return "Exceeded max scan size";
    return row.outcome == Outcome::completed || row.outcome == Outcome::unsupported
               ? "Not enough backends answered"
               : "Backend failed";
}

bool is_missing(const core::Report& report, const ScanResult& row) {
    return std::ranges::find(report.combined.missing, row.backend->policy.name) !=
           report.combined.missing.end();
}

}   // namespace

std::string clam_name(std::string_view text) {
    constexpr std::string_view found_mark = "FOUND";
    std::string name(text);
    std::ranges::replace_if(name, [](char c) { return !allowed(c); }, '_');
    for (std::size_t at = name.find(found_mark); at != std::string::npos; at = name.find(found_mark, at))
        name.replace(at, found_mark.size(), "Found");
    if (name.size() <= kMaxClamName) return name;
    const std::span bytes(reinterpret_cast<const std::uint8_t*>(name.data()), name.size());   // a byte view
    const std::string digest = util::hex(util::sha256(bytes));
    return name.substr(0, kHead) + "." + digest.substr(0, kMaxClamName - kHead - 1);
}

std::string clam_name(const ScanResult& row, const core::Detection& found) {
    return clam_name(prefixed(found.verdict, qualified(row, found.name)));
}

std::string clam_name(const core::Report& report) {
    const ScanResult* row = strongest_accuser(report);
    const Verdict verdict = report.combined.verdict;
    if (row != nullptr) return clam_name(prefixed(verdict, qualified(*row, find_name(report))));
    return clam_name(prefixed(verdict, "Microengine.Blocked"));   // only a block list accuses without a row
}

std::string_view clam_reason(const core::Report& report) {
    if (!report.error.empty()) {
        const bool too_big = std::ranges::any_of(
            report.results, [](const ScanResult& row) { return row.reason == Reason::too_big; });
        return too_big ? "Artifact too large" : "Can't open file or directory";
    }
    if (report.combined.reason == UnknownBecause::required) return "Required backend missing";
    // What concerns the whole service says more than what befell one backend.
    for (const Reason first : {Reason::cancelled, Reason::overloaded})
        for (const ScanResult& row : report.results)
            if (row.reason == first && is_missing(report, row)) return reason_of(row);
    for (const ScanResult& row : report.results)
        if (is_missing(report, row)) return reason_of(row);
    return "Not enough backends answered";
}

}   // namespace microengine::report
