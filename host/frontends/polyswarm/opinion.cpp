// SPDX-License-Identifier: MIT
#include "host/frontends/polyswarm/opinion.hpp"

#include "host/core/outcome.hpp"
#include "host/core/verdict.hpp"

#include <sys/utsname.h>

#include <algorithm>
#include <cctype>
#include <utility>

namespace microengine::polyswarm {

using core::Outcome;
using core::Verdict;

namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    return out;
}

const utsname& machine() {
    static const utsname name = [] {
        utsname found{};
        (void)::uname(&found);
        return found;
    }();
    return name;
}

void add_versions(const core::BackendFacts& facts, bounty::Reply& reply) {
    const auto add = [&](std::string& text, const std::string& version) {
        text += (text.empty() ? "" : "; ") + facts.policy.name + " " + version;
    };
    add(reply.vendor_version, facts.plugin_version);
    if (facts.signatures && !facts.signatures->version.empty())
        add(reply.signatures_version, facts.signatures->version);
}

void add_machine(bounty::Reply& reply) {
    reply.version = MICROENGINE_VERSION;
    reply.operating_system = lower(static_cast<const char*>(machine().sysname));
    reply.architecture = lower(static_cast<const char*>(machine().machine));
}

bool is_heuristic(const core::Detection& detection) {
    return detection.name.starts_with("Heuristics.") ||
           std::ranges::find(detection.tags, "heuristic") != detection.tags.end();
}

/// There is a malicious detection, and none that is sure.
bool all_heuristic(const core::Report& report) {
    bool any = false;
    for (const core::ScanResult& row : report.results)
        for (const core::Detection& detection : row.detections) {
            if (detection.verdict != Verdict::malicious) continue;
            if (!is_heuristic(detection)) return false;
            any = true;
        }
    return any;
}

bool is_routed(const core::ScanResult& row) {
    return row.outcome == Outcome::skipped && row.reason == core::Reason::routed;
}

/// The artifact was there, and its bytes could not be had.
bool is_unread(const core::ScanResult& row) {
    return row.outcome == Outcome::skipped && row.reason == core::Reason::no_artifact;
}

/// There was no time for it, or the engine is ending.
bool is_late(const core::ScanResult& row) {
    using enum core::Reason;
    return row.outcome == Outcome::timed_out ||
           (row.outcome == Outcome::skipped &&
            (row.reason == no_time || row.reason == overloaded || row.reason == cancelled));
}

bool anyone_met(const core::Report& report, core::Partial partial) {
    return std::ranges::any_of(report.results, [&](const auto& row) { return row.partial == partial; });
}

std::string_view comment_of(const core::Report& report) {
    const Verdict verdict = report.combined.verdict;
    if (verdict == Verdict::suspicious && anyone_met(report, core::Partial::decompression_unsafe))
        return bounty::kDecompressionUnsafe;
    if (verdict != Verdict::unknown) return {};
    const auto is_unsupported = [](const core::ScanResult& row) {
        return row.outcome == Outcome::unsupported || is_routed(row);
    };
    if (!report.results.empty() && std::ranges::all_of(report.results, is_unsupported))
        return bounty::kTypeUnsupported;
    if (anyone_met(report, core::Partial::encrypted)) return bounty::kEncrypted;
    if (std::ranges::any_of(report.results, is_unread)) return bounty::kCannotFetch;
    return std::ranges::any_of(report.results, is_late) ? bounty::kSkipped : std::string_view();
}

}   // namespace

Opinion opinion_of(const core::Report& report, bool report_backends) {
    const core::Combined& combined = report.combined;
    Opinion opinion;
    bounty::Reply& reply = opinion.reply;
    reply.verdict = combined.verdict;
    if (combined.verdict == Verdict::malicious)
        reply.malware_family = combined.family.empty() ? combined.name : combined.family;
    if (combined.confidence_set)
        reply.confidence = combined.confidence * (bounty::kCertainly / core::kCertain);
    if (const std::string_view comment = comment_of(report); !comment.empty())
        reply.comments.emplace_back(comment);
    reply.heuristic = combined.verdict == Verdict::malicious && all_heuristic(report);
    add_machine(reply);
    for (const core::ScanResult& row : report.results) {
        if (is_routed(row)) continue;
        add_versions(*row.backend, reply);
        if (!report_backends) continue;
        const auto& signatures = row.backend->signatures;
        reply.backends.push_back({.name = row.backend->policy.name,
                                  .verdict = std::string(core::to_text(row.verdict)),
                                  .outcome = std::string(core::to_text(row.outcome)),
                                  .vendor_version = row.backend->plugin_version,
                                  .signatures_version = signatures ? signatures->version : ""});
    }
    opinion.note = report.error.empty() ? combined.explanation : report.error;
    return opinion;
}

Opinion abstention(std::string_view comment, std::string note, const Asked& asked) {
    Opinion opinion;
    opinion.reply.comments.emplace_back(comment);
    add_machine(opinion.reply);
    const auto is_asked = [&asked](const std::string& name) {
        return asked.names == nullptr || std::ranges::find(*asked.names, name) != asked.names->end();
    };
    if (asked.generation != nullptr)
        for (const engine::OpenBackend& open : asked.generation->backends)
            if (const core::BackendFacts& facts = *open.backend->facts(); is_asked(facts.policy.name))
                add_versions(facts, opinion.reply);
    opinion.note = std::move(note);
    return opinion;
}

}   // namespace microengine::polyswarm
