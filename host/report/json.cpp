// SPDX-License-Identifier: MIT
#include "host/report/json.hpp"

#include "host/report/json_bounds.hpp"
#include "host/report/timestamp.hpp"
#include "host/util/text.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <optional>

namespace microengine::report {

namespace {

using Json = nlohmann::ordered_json;

double share(std::uint32_t ten_thousandths) { return ten_thousandths / 10'000.0; }

/// Six digits behind the point: the rest would differ between machines and helps nobody. Never "-0.0".
double rounded(double value) { return std::round(value * 1e6) / 1e6 + 0.0; }

void put_text(Json& object, const char* key, const std::string& text) {
    if (!text.empty()) object[key] = util::to_utf8(text);
}

void put_score(Json& object, const char* key, std::optional<double> score) {
    if (score && std::isfinite(*score)) object[key] = rounded(*score);
}

std::span<const std::uint8_t> bytes_of(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};   // a byte view
}

Json artifact(const core::Report& report) {
    const core::ArtifactFacts& facts = report.artifact;
    Json out;
    out["name"] = util::to_utf8(facts.name);
    if (!util::is_utf8(facts.name)) out["name_hex"] = util::hex(bytes_of(facts.name));
    if (facts.sha256) out["sha256"] = util::hex(*facts.sha256);
    out["size"] = facts.size;
    out["type"] = facts.type == core::ArtifactType::url ? "url" : "file";
    put_text(out, "mime", facts.mime);
    put_text(out, "error", report.error);
    return out;
}

/// An object as the plugin made it, its keys sorted. What is none, or too much of one, is shown as text.
Json detail(const std::string& text) {
    const JsonSize size = measure_json(text);
    if (size.depth <= kMaxDetailDepth && size.values <= kMaxDetailValues) {
        const auto parsed = nlohmann::json::parse(text, nullptr, false);
        if (parsed.is_object()) return parsed;
    }
    Json out;
    out["text"] = util::to_utf8(text);
    return out;
}

Json detection(const core::Detection& found) {
    Json out;
    out["name"] = util::to_utf8(found.name);
    put_text(out, "family", found.family);
    put_text(out, "namespace", found.name_space);
    out["verdict"] = core::to_text(found.verdict);
    if (found.confidence) out["confidence"] = share(*found.confidence);
    out["tags"] = Json::array();
    for (const std::string& tag : found.tags) out["tags"].push_back(util::to_utf8(tag));
    out["offset"] = found.offset;
    out["length"] = found.length;
    if (!found.detail.empty()) out["detail"] = detail(found.detail);
    return out;
}

void put_backend(Json& out, const core::BackendFacts& backend) {
    out["plugin"]["id"] = util::to_utf8(backend.plugin_id);
    out["plugin"]["version"] = util::to_utf8(backend.plugin_version);
    if (!backend.signatures) return;
    const core::SignatureFacts& signatures = *backend.signatures;
    out["signatures"]["version"] = util::to_utf8(signatures.version);
    if (signatures.date_unix != 0)
        if (const auto date = to_timestamp(signatures.date_unix)) out["signatures"]["date"] = *date;
    out["signatures"]["count"] = signatures.count;
}

Json row(const core::ScanResult& result, std::optional<double> contribution) {
    const core::BackendPolicy& policy = result.backend->policy;
    Json out;
    out["backend"] = util::to_utf8(policy.name);
    out["outcome"] = core::to_text(result.outcome);
    if (result.reason != core::Reason::none) out["reason"] = core::to_text(result.reason);
    put_text(out, "message", result.message);
    out["verdict"] = core::to_text(result.verdict);
    out["confidence"] = share(result.effective_confidence());
    out["confidence_set"] = result.confidence.has_value();
    if (policy.default_confidence) out["default_confidence"] = share(*policy.default_confidence);
    if (result.partial) out["partial"] = core::to_text(*result.partial);
    if (result.trusted) out["trusted"] = true;
    out["weight"] = share(policy.weight);
    out["required"] = policy.required;
    out["veto"] = policy.veto;
    put_text(out, "group", policy.group);
    put_score(out, "contribution", contribution);
    out["detections"] = Json::array();
    for (const core::Detection& found : result.detections) out["detections"].push_back(detection(found));
    if (result.detections_cut) out["detections_cut"] = true;
    if (result.cached) out["cached"] = true;
    put_backend(out, *result.backend);
    if (result.bytes_scanned > 0) out["bytes_scanned"] = result.bytes_scanned;
    out["duration_us"] = result.duration_ns / 1000;
    return out;
}

Json override_of(const core::Report& report) {
    // NOLINTNEXTLINE(bugprone-unchecked-optional-access): asked only if there is one
    const core::Override& by = *report.combined.decided_by;
    const bool list = by.kind != core::Override::Kind::veto;
    Json out;
    out["kind"] = by.kind == core::Override::Kind::block_list   ? "block_list"
                  : by.kind == core::Override::Kind::allow_list ? "allow_list"
                                                                : "veto";
    out["place"] = util::to_utf8(by.place);
    if (list && !report.results.empty()) out["without"] = core::to_text(report.combined.without_override);
    return out;
}

Json flips_if(const std::vector<core::Flip>& flips) {
    Json out;
    out["removed"] = Json::array();
    out["said"] = Json::array();
    for (const core::Flip& flip : flips) {
        Json entry;
        entry["backend"] = util::to_utf8(flip.backend);
        if (flip.kind == core::Flip::Kind::said) entry["said"] = core::to_text(flip.said);
        entry["verdict"] = core::to_text(flip.verdict);
        out[flip.kind == core::Flip::Kind::said ? "said" : "removed"].push_back(std::move(entry));
    }
    return out;
}

void put_settings(Json& out, const core::CombinerSettings& settings) {
    out["strategy"] = core::to_text(settings.strategy);
    if (settings.strategy == core::Strategy::weighted) {   // the others have no thresholds
        out["threshold"] = share(settings.threshold);
        out["suspicious_threshold"] = settings.doubled_suspicious_threshold() / 20'000.0;
    }
    out["on_tie"] = core::to_text(settings.on_tie);
}

Json combiner(const core::Report& report) {
    const core::Combined& combined = report.combined;
    Json out;
    put_settings(out, combined.settings);
    out["quorum"]["needed"] = combined.settings.quorum;
    out["quorum"]["have"] = combined.quorum_have;
    put_score(out, "score", combined.score);
    put_score(out, "low", combined.low);
    put_score(out, "high", combined.high);
    out["low_verdict"] = core::to_text(combined.low_verdict);
    out["high_verdict"] = core::to_text(combined.high_verdict);
    if (combined.reason != core::UnknownBecause::none) out["reason"] = core::to_text(combined.reason);
    out["incomplete"] = combined.incomplete;
    out["missing"] = Json::array();
    for (const std::string& name : combined.missing) out["missing"].push_back(util::to_utf8(name));
    if (combined.decided_by) out["override"] = override_of(report);
    out["flips_if"] = flips_if(combined.flips);
    out["explanation"] = util::to_utf8(combined.explanation);
    return out;
}

void append_escape(std::string& out, unsigned unit) {
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) out += "0123456789abcdef"[unit >> shift & 15];
}

/// Deceptive characters as \uNNNN. They can only stand inside strings, so the whole text may be treated
/// alike; the line feeds and blanks of the layout stay.
std::string without_tricks(const std::string& text) {
    std::string out;
    out.reserve(text.size());
    for (std::string_view rest = text; !rest.empty();) {
        const auto [point, size] = util::decode(rest);
        if (point < 0x7F || !util::is_deceptive(point)) {
            out += rest.substr(0, std::max<std::size_t>(size, 1));
        } else if (point < 0x10000) {
            append_escape(out, static_cast<unsigned>(point));
        } else {
            append_escape(out, 0xD800u + static_cast<unsigned>((point - 0x10000) >> 10));
            append_escape(out, 0xDC00u + static_cast<unsigned>((point - 0x10000) & 0x3FF));
        }
        rest.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return out;
}

}   // namespace

std::string_view engine_version() { return MICROENGINE_VERSION; }

std::string to_json(const core::Report& report, JsonStyle style, std::string_view version) {
    const core::Combined& combined = report.combined;
    Json out;
    out["schema"] = kSchema;
    out["artifact"] = artifact(report);
    out["verdict"] = core::to_text(combined.verdict);
    out["confidence"] = share(combined.confidence);
    out["confidence_set"] = combined.confidence_set;
    out["family"] = util::to_utf8(combined.family);
    out["name"] = util::to_utf8(combined.name);
    out["decided_early"] = combined.decided_early;
    out["combiner"] = combiner(report);
    out["results"] = Json::array();
    const bool scored = combined.contributions.size() == report.results.size();
    for (std::size_t i = 0; i < report.results.size(); ++i)
        out["results"].push_back(
            row(report.results[i], scored ? std::optional(combined.contributions[i]) : std::nullopt));
    out["duration_us"] = report.duration_ns / 1000;
    out["engine"]["version"] = util::to_utf8(version);
    out["engine"]["generation"] = report.generation;
    if (!report.fingerprint.empty()) out["engine"]["fingerprint"] = util::to_utf8(report.fingerprint);
    return without_tricks(out.dump(style == JsonStyle::pretty ? 2 : -1));
}

}   // namespace microengine::report
