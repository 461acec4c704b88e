// SPDX-License-Identifier: MIT
#include "host/report/explain_text.hpp"

#include "host/report/columns.hpp"
#include "host/report/phrases.hpp"
#include "host/report/timestamp.hpp"
#include "host/util/text.hpp"

#include <string_view>

namespace microengine::report {

namespace {

using core::Verdict;

constexpr std::size_t kIndent = 2;
constexpr std::size_t kMostDetections = 10;
constexpr std::size_t kLabel = 12;

/// "2", "0.5", "0.3333": no more decimals than it has.
std::string plain(std::uint32_t ten_thousandths) {
    std::string text = decimals(ten_thousandths / 10'000.0, 4);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
    return text;
}

std::string signatures(const core::BackendFacts& backend) {
    if (!backend.signatures) return "";
    const auto date =
        backend.signatures->date_unix != 0 ? to_timestamp(backend.signatures->date_unix) : std::nullopt;
    if (date) return date->substr(0, 10);
    return util::printable(util::cut(backend.signatures->version, 16));
}

std::string described(const core::Detection& found, Verdict row) {
    std::string text = util::printable(found.name);
    if (!found.name_space.empty()) text = util::printable(found.name_space) + ":" + text;
    if (!found.family.empty() && found.family != found.name)
        text += ", family " + util::printable(found.family);
    if (found.verdict == Verdict::unknown)
        text += ", for information";
    else if (found.verdict != row)
        text += ", " + std::string(core::to_text(found.verdict));
    if (found.confidence) text += ", confidence " + decimals(*found.confidence / 10'000.0, 2);
    if (found.length > 0) text += ", at byte " + util::with_commas(found.offset);
    for (std::size_t i = 0; i < found.tags.size() && i < 5; ++i)
        text += " #" + util::printable(found.tags[i]);
    return text;
}

void add_notes(Table& table, const core::ScanResult& row) {
    for (std::size_t i = 0; i < row.detections.size() && i < kMostDetections; ++i)
        table.note(described(row.detections[i], row.verdict));
    if (row.detections.size() > kMostDetections)
        table.note("and " + std::to_string(row.detections.size() - kMostDetections) +
                   (row.detections_cut ? " more, and others that were not kept" : " more"));
    else if (row.detections_cut)
        table.note("and others that were not kept");
    if (!row.message.empty()) table.note(util::printable(row.message));
}

std::string role(const core::BackendPolicy& policy) {
    if (policy.weight == 0) return "observer";
    if (policy.required && policy.veto) return "required, veto";
    return policy.required ? "required" : policy.veto ? "veto" : "";
}

std::string backends(const core::Report& report, const Style& style) {
    const core::Combined& combined = report.combined;
    const bool scored = combined.settings.strategy != core::Strategy::any &&
                        combined.contributions.size() == report.results.size();
    Table table({{"backend"},
                 {"said"},
                 {"confidence", true},
                 {"weight", true},
                 {"role"},
                 {"contribution", true},
                 {"signatures"},
                 {"time", true}},
                style);
    for (std::size_t i = 0; i < report.results.size(); ++i) {
        const core::ScanResult& row = report.results[i];
        const bool spoke = row.verdict != Verdict::unknown;
        const bool ran = row.duration_ns > 0 || row.outcome != core::Outcome::skipped;
        table.row({{util::printable(row.backend->policy.name)},
                   {what_it_said(row), row.verdict},
                   {spoke ? decimals(row.effective_confidence() / 10'000.0, 2) : ""},
                   {plain(row.backend->policy.weight)},
                   {role(row.backend->policy)},
                   {scored && spoke ? decimals(combined.contributions[i], 3) : ""},
                   {signatures(*row.backend)},
                   {row.cached ? "cached"
                    : ran      ? util::human_duration(row.duration_ns)
                               : ""}});
        add_notes(table, row);
    }
    return table.text(kIndent);
}

class Facts {
public:
    explicit Facts(const Style& style) : style_(style) {}
    void add(std::string_view label, std::string_view text) {
        if (text.empty()) return;
        std::string block = folded(text, kIndent + kLabel, style_.width);
        if (label != last_) block.replace(kIndent, label.size(), label);
        last_ = label;
        out_ += block + '\n';
    }
    [[nodiscard]] std::string take() { return std::move(out_); }

private:
    Style style_;
    std::string_view last_;
    std::string out_;
};

std::string score_of(const core::Combined& combined) {
    if (!combined.score || combined.settings.strategy == core::Strategy::any) return "";
    std::string text = decimals(*combined.score, 3);
    if (combined.low && combined.high && *combined.low != *combined.high)
        text += ", between " + decimals(*combined.low, 3) + " and " + decimals(*combined.high, 3);
    if (combined.settings.strategy == core::Strategy::weighted)
        text += "; malicious above " + plain(combined.settings.threshold) + ", suspicious from " +
                decimals(combined.settings.doubled_suspicious_threshold() / 20'000.0, 3);
    return text;
}

std::string flip_text(const core::Flip& flip) {
    const std::string name = util::printable(flip.backend);
    const std::string end = " it would be " + std::string(core::to_text(flip.verdict));
    if (flip.kind == core::Flip::Kind::removed) return "without " + name + end;
    return "had " + name + " said " + std::string(core::to_text(flip.said)) + "," + end;
}

std::string facts(const core::Report& report, const Style& style) {
    const core::ArtifactFacts& artifact = report.artifact;
    const core::Combined& combined = report.combined;
    Facts out(style);
    out.add("strategy", core::to_text(combined.settings.strategy));
    out.add("score", score_of(combined));
    if (combined.verdict != Verdict::unknown)
        out.add("confidence", decimals(combined.confidence / 10'000.0, 2));
    out.add("family", util::printable(combined.family));
    if (combined.decided_by) {
        using Kind = core::Override::Kind;
        const Kind kind = combined.decided_by->kind;
        out.add(kind == Kind::veto         ? "veto"
                : kind == Kind::block_list ? "blocked by"
                                           : "allowed by",
                util::printable(combined.decided_by->place));
    }
    for (const std::string& vote : missing_votes(report)) out.add("missing", vote);
    for (const core::Flip& flip : combined.flips) out.add("what if", flip_text(flip));
    if (artifact.type == core::ArtifactType::file && (report.error.empty() || artifact.size > 0))
        out.add("size", artifact.size < 1000 ? util::human_bytes(artifact.size)
                                             : util::human_bytes(artifact.size) + " (" +
                                                   util::with_commas(artifact.size) + " bytes)");
    out.add("type", artifact.type == core::ArtifactType::url ? "URL" : util::printable(artifact.mime));
    if (artifact.sha256) out.add("sha256", util::hex(*artifact.sha256));
    out.add("error", error_text(report));
    out.add("time",
            util::human_duration(report.duration_ns) + (combined.decided_early ? ", decided early" : ""));
    return out.take();
}

}   // namespace

std::string explain(const core::Report& report, const Style& style) {
    const Verdict verdict = report.combined.verdict;
    std::string out =
        painted(core::to_text(verdict), verdict, style) + "  " + util::printable(report.artifact.name) + '\n';
    if (!report.combined.explanation.empty())
        out += folded(util::printable(report.combined.explanation), kIndent, style.width) + '\n';
    if (!report.results.empty()) out += '\n' + backends(report, style);
    return out + '\n' + facts(report, style);
}

}   // namespace microengine::report
