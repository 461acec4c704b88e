// SPDX-License-Identifier: MIT
#include "host/report/sarif.hpp"

#include "host/report/phrases.hpp"
#include "host/report/text.hpp"
#include "host/report/uri.hpp"
#include "host/util/text.hpp"

#include <nlohmann/json.hpp>

#include <set>
#include <unordered_map>
#include <vector>

namespace microengine::report {

namespace {

using Json = nlohmann::ordered_json;
using core::Verdict;

// Services show some thousand results at most; beyond these numbers artifacts are not listed (their results
// are, with the digest), and notifications are summed up in a last one.
constexpr std::size_t kMostArtifacts = 10'000;
constexpr std::size_t kMostNotifications = 1'000;

struct Finding {
    std::string rule;      ///< "backend/name"
    std::string message;   ///< of this find
    std::string about;     ///< of the rule
    Verdict verdict = Verdict::malicious;
    const core::Detection* detection = nullptr;
};

const char* level_of(Verdict verdict) { return verdict == Verdict::malicious ? "error" : "warning"; }

std::string uri_of(const core::ArtifactFacts& artifact) {
    return artifact.type == core::ArtifactType::url ? uri_of_url(artifact.name) : uri_of_path(artifact.name);
}

Json message(const std::string& text) {
    Json out;
    out["text"] = text;
    return out;
}

Json location(const std::string& uri, std::optional<std::size_t> index) {
    Json out;
    Json& place = out["physicalLocation"];
    place["artifactLocation"]["uri"] = uri;
    if (index) place["artifactLocation"]["index"] = *index;
    return out;
}

/// Same artifact, same rule: same alert, wherever the file moves.
std::string fingerprint(const core::Report& report, const std::string& rule) {
    const std::string text =
        (report.artifact.sha256 ? util::hex(*report.artifact.sha256) : report.artifact.name) + '\n' + rule;
    const std::span bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());   // a byte view
    return util::hex(util::sha256(bytes)).substr(0, 32);
}

Finding finding(const core::ScanResult& row, const core::Detection* detection, Verdict combined) {
    const std::string backend = util::printable(row.backend->policy.name);
    const Verdict verdict = combined == Verdict::malicious ? row.verdict : Verdict::suspicious;
    const std::string name =
        detection != nullptr ? util::printable(detection->name) : std::string(core::to_text(row.verdict));
    std::string text = backend + " found it " + std::string(core::to_text(row.verdict));
    if (detection != nullptr) text += ": " + name;
    return {.rule = backend + "/" + name,
            .message = std::move(text),
            .about = detection != nullptr
                         ? name + ", a signature of " + backend
                         : "What " + backend + " finds " + name + " without naming a signature",
            .verdict = verdict,
            .detection = detection};
}

/// At least one for every malicious or suspicious report, none for others; a rule at most once.
std::vector<Finding> findings(const core::Report& report) {
    std::vector<Finding> all;
    const Verdict combined = report.combined.verdict;
    if (combined != Verdict::malicious && combined != Verdict::suspicious) return all;
    std::set<std::string> rules;
    const auto add = [&](Finding next) {
        if (rules.insert(next.rule).second) all.push_back(std::move(next));
    };
    const auto& by = report.combined.decided_by;
    if (by && by->kind == core::Override::Kind::block_list)
        add({.rule = "microengine/blocked",
             .message = "Blocked by " + util::printable(by->place),
             .about = "The SHA-256 is in a block list of the operator",
             .verdict = Verdict::malicious});
    for (const core::ScanResult& row : report.results) {
        if (!accuses(row)) continue;
        const std::size_t before = all.size();
        for (const core::Detection& detection : row.detections)
            if (detection.verdict != Verdict::unknown) add(finding(row, &detection, combined));
        if (all.size() == before) add(finding(row, nullptr, combined));
    }
    return all;
}

}   // namespace

struct SarifWriter::Impl {
    std::string version;
    bool first = true;
    std::vector<Json> rules;
    std::unordered_map<std::string, std::size_t> rule_index;
    Json artifacts = Json::array();
    Json notifications = Json::array();
    std::uint64_t not_judged = 0;
    std::string interruption;   // "": none

    std::size_t rule_of(const Finding& found) {
        const auto [at, is_new] = rule_index.try_emplace(found.rule, rules.size());
        if (is_new) {
            Json rule;
            rule["id"] = found.rule;
            rule["shortDescription"] = message(found.rule);
            rule["fullDescription"] = message(found.about);
            rule["help"] = message("Ask the report of this artifact why: microengine scan --explain");
            rule["defaultConfiguration"]["level"] = level_of(found.verdict);
            rule["properties"]["tags"] = {"security", "malware"};
            rule["properties"]["security-severity"] = found.verdict == Verdict::malicious ? "9.0" : "5.0";
            rules.push_back(std::move(rule));
        }
        return at->second;
    }

    std::optional<std::size_t> artifact_of(const core::Report& report) {
        if (artifacts.size() >= kMostArtifacts) return std::nullopt;
        const core::ArtifactFacts& facts = report.artifact;
        Json out;
        out["location"]["uri"] = uri_of(facts);
        out["length"] = facts.size;
        if (!facts.mime.empty()) out["mimeType"] = util::to_utf8(facts.mime);
        if (facts.sha256) out["hashes"]["sha-256"] = util::hex(*facts.sha256);
        artifacts.push_back(std::move(out));
        return artifacts.size() - 1;
    }

    Json result(const core::Report& report, const Finding& found, std::optional<std::size_t> artifact) {
        Json out;
        out["ruleId"] = found.rule;
        out["ruleIndex"] = rule_of(found);
        out["level"] = level_of(found.verdict);
        out["message"] = message(found.message);
        out["locations"] = Json::array();
        out["locations"].push_back(location(uri_of(report.artifact), artifact));
        // Services want a line to show; where the bytes are is in the properties.
        out["locations"][0]["physicalLocation"]["region"]["startLine"] = 1;
        out["partialFingerprints"]["primaryLocationLineHash"] = fingerprint(report, found.rule) + ":1";
        Json& properties = out["properties"];
        properties["verdict"] = core::to_text(report.combined.verdict);
        properties["confidence"] = report.combined.confidence / 10'000.0;
        if (report.artifact.sha256) properties["sha256"] = util::hex(*report.artifact.sha256);
        if (found.detection != nullptr && !found.detection->family.empty())
            properties["family"] = util::to_utf8(found.detection->family);
        if (found.detection != nullptr && found.detection->length > 0) {
            properties["byteOffset"] = found.detection->offset;
            properties["byteLength"] = found.detection->length;
        }
        return out;
    }

    void notify(const std::string& uri, const std::string& text, const char* id) {
        ++not_judged;
        if (notifications.size() >= kMostNotifications) return;
        Json out;
        out["descriptor"]["id"] = id;
        out["level"] = "error";
        out["message"] = message(text);
        out["locations"] = Json::array();
        out["locations"].push_back(location(uri, std::nullopt));
        notifications.push_back(std::move(out));
    }

    std::string piece(const Json& value) {
        return (std::exchange(first, false) ? "\n" : ",\n") + value.dump();
    }
};

SarifWriter::SarifWriter(std::string_view version) : impl_(std::make_unique<Impl>()) {
    impl_->version = util::to_utf8(version);
}
SarifWriter::~SarifWriter() = default;

std::string SarifWriter::begin() {
    return R"({"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{"results":[)";
}

std::string SarifWriter::add(const core::Report& report) {
    const core::Combined& combined = report.combined;
    if (combined.verdict == Verdict::unknown || !report.error.empty()) {
        const std::string& why = report.error.empty() ? combined.explanation : report.error;
        impl_->notify(uri_of(report.artifact), why.empty() ? "Unknown" : util::printable(why),
                      report.error.empty() ? "unknown" : "unread");
    }
    const std::vector<Finding> found = findings(report);
    if (found.empty()) return "";
    const std::optional<std::size_t> artifact = impl_->artifact_of(report);
    std::string text;
    for (const Finding& one : found) text += impl_->piece(impl_->result(report, one, artifact));
    return text;
}

void SarifWriter::add_error(std::string_view path, std::string_view text) {
    impl_->notify(uri_of_path(path), util::printable(text), "error");
}

void SarifWriter::interrupted(std::string_view text) { impl_->interruption = util::printable(text); }

std::string SarifWriter::finish() {
    Impl& impl = *impl_;
    if (const std::uint64_t left_out = impl.not_judged - impl.notifications.size(); left_out > 0) {
        Json out;
        out["descriptor"]["id"] = "more";
        out["level"] = "error";
        out["message"] = message("and " + util::with_commas(left_out) + " more that could not be judged");
        impl.notifications.push_back(std::move(out));
    }
    if (!impl.interruption.empty()) {
        Json out;
        out["descriptor"]["id"] = "interrupted";
        out["level"] = "error";
        out["message"] = message(impl.interruption);
        impl.notifications.push_back(std::move(out));
    }
    Json tool;
    Json& driver = tool["driver"];
    driver["name"] = "Microengine";
    driver["version"] = impl.version;
    driver["semanticVersion"] = impl.version;
    driver["rules"] = impl.rules;
    Json invocation;
    invocation["executionSuccessful"] = impl.not_judged == 0 && impl.interruption.empty();
    if (!impl.notifications.empty()) invocation["toolExecutionNotifications"] = impl.notifications;
    return "\n],\"artifacts\":" + impl.artifacts.dump() + ",\n\"invocations\":[" + invocation.dump() +
           "],\n\"tool\":" + tool.dump() + "}]}\n";
}

}   // namespace microengine::report
