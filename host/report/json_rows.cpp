// SPDX-License-Identifier: MIT
#include "host/report/json_rows.hpp"

#include "host/report/timestamp.hpp"

#include <memory>
#include <set>

namespace microengine::report {

namespace {

using Json = nlohmann::json;

constexpr double kMostWeight = 1000;

/// The outcome whose list a reason belongs to.
core::Outcome outcome_of(core::Reason reason) {
    using enum core::Reason;
    if (reason <= none) return core::Outcome::completed;
    if (reason <= other) return core::Outcome::unsupported;
    if (reason <= deadline) return core::Outcome::timed_out;
    if (reason <= poison) return core::Outcome::crashed;
    if (reason <= io) return core::Outcome::failed;
    return core::Outcome::skipped;
}

core::Detection detection(const Fields& in) {
    core::Detection found;
    found.name = in.text("name");
    found.family = in.text_or_empty("family");
    found.name_space = in.text_or_empty("namespace");
    found.verdict = in.word("verdict", core::parse_verdict);
    if (in.has("confidence")) found.confidence = in.fraction("confidence", 1);
    found.tags = in.texts("tags");
    if (in.has("offset")) found.offset = in.count("offset");
    if (in.has("length")) found.length = in.count("length");
    if (in.has("detail")) {
        const Json& detail = *in.find("detail");
        if (!detail.is_object()) in.refuse("detail", "must be an object");
        found.detail = detail.dump();
    }
    return found;
}

core::SignatureFacts signatures(const Fields& in) {
    core::SignatureFacts facts{.version = in.text("version"),
                               .count = in.has("count") ? in.count("count") : 0};
    if (!in.has("date")) return facts;
    const auto date = parse_timestamp(in.text("date"));
    if (!date) in.refuse("date", "must be a time like 2025-01-06T09:40:55Z");
    facts.date_unix = date.value_or(0);
    return facts;
}

core::BackendFacts backend(const Fields& in) {
    core::BackendFacts facts;
    core::BackendPolicy& policy = facts.policy;
    policy.name = in.text("backend");
    if (policy.name.empty()) in.refuse("backend", "must not be empty");
    if (in.has("weight")) policy.weight = in.fraction("weight", kMostWeight);
    policy.required = in.flag("required");
    policy.veto = in.flag("veto");
    policy.group = in.text_or_empty("group");
    if (in.has("default_confidence")) policy.default_confidence = in.fraction("default_confidence", 1);
    if (in.has("plugin")) {
        const Fields plugin = in.object("plugin");
        facts.plugin_id = plugin.text_or_empty("id");
        facts.plugin_version = plugin.text_or_empty("version");
    }
    if (in.has("signatures")) facts.signatures = signatures(in.object("signatures"));
    return facts;
}

/// What no backend can have done.
void check(const core::ScanResult& row, const Fields& in) {
    using core::Outcome, core::Verdict, core::Reason;
    if (row.reason != Reason::none && outcome_of(row.reason) != row.outcome)
        in.refuse("reason", "'" + std::string(core::to_text(row.reason)) +
                                "' is no reason for the outcome '" + std::string(core::to_text(row.outcome)) +
                                "'");
    if (row.verdict != Verdict::benign) return;
    if (row.outcome != Outcome::completed)
        in.refuse("verdict", "is benign, but the outcome is '" + std::string(core::to_text(row.outcome)) +
                                 "': only a completed scan can be benign");
    if (row.partial) in.refuse("verdict", "is benign, but not all of the artifact was examined");
}

core::ScanResult row(const Fields& in) {
    core::BackendFacts facts = backend(in);
    core::ScanResult out;
    out.outcome = in.word("outcome", core::parse_outcome);
    out.message = in.text_or_empty("message");
    out.verdict = in.word("verdict", core::parse_verdict);
    if (in.has("reason")) out.reason = in.word("reason", core::parse_reason);
    if (in.has("confidence")) {
        const core::BasisPoints confidence = in.fraction("confidence", 1);
        if (in.flag("confidence_set")) out.confidence = confidence;
        // A writer that knew no default_confidence: keep the number it used.
        else if (!facts.policy.default_confidence && confidence != core::kCertain)
            facts.policy.default_confidence = confidence;
    }
    if (in.has("partial")) out.partial = in.word("partial", core::parse_partial);
    out.trusted = in.flag("trusted");
    out.detections_cut = in.flag("detections_cut");
    out.cached = in.flag("cached");
    in.each("detections", [&](const Json& item, const std::string& at) {
        out.detections.push_back(detection(Fields(item, at, in.problem())));
    });
    if (in.has("bytes_scanned")) out.bytes_scanned = in.count("bytes_scanned");
    if (in.has("duration_us")) out.duration_ns = in.count("duration_us", kMostMicroseconds) * 1000;
    check(out, in);
    out.backend = std::make_shared<const core::BackendFacts>(std::move(facts));
    return out;
}

}   // namespace

void read_rows(const Fields& in, core::Report& out) {
    std::set<std::string> names;
    std::vector<double> contributions;
    if (!in.has("results")) in.refuse("results", "is missing");
    in.each("results", [&](const Json& item, const std::string& at) {
        const Fields fields(item, at, in.problem());
        out.results.push_back(row(fields));
        if (fields.has("contribution"))
            contributions.push_back(fields.number("contribution", -kMostScore, kMostScore));
        if (!names.insert(out.results.back().backend->policy.name).second)
            fields.refuse("backend", "has another row already");
    });
    if (contributions.size() == out.results.size()) out.combined.contributions = std::move(contributions);
}

}   // namespace microengine::report
