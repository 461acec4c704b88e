// SPDX-License-Identifier: MIT
#include "host/report/text.hpp"

#include "host/report/columns.hpp"
#include "host/report/phrases.hpp"
#include "host/util/text.hpp"

#include <string_view>

namespace microengine::report {

namespace {

using core::Verdict;

constexpr std::size_t kVerdictColumn = 12;   // the longest verdict and a gap
constexpr std::size_t kNameColumn =
    32;   // names are padded to it, so that reasons mostly stand below each other
constexpr std::size_t kMostNames = 3;

/// "Eicar-Test-Signature (clamav and yara)".
std::string found(const core::Report& report) {
    const std::string who = util::join_names(accusers(report), kMostNames);
    const std::string name = util::printable(find_name(report));
    if (who.empty() || name.empty()) return name + who;
    return name + " (" + who + ")";
}

std::string with_missing(std::string text, const char* lead, const core::Report& report) {
    const std::vector<std::string> missing = missing_votes(report);
    if (missing.empty()) return text;
    if (!text.empty()) text += "; ";
    return text + lead + util::join_names(missing, kMostNames);
}

std::string listed(const core::Report& report) {
    // NOLINTNEXTLINE(bugprone-unchecked-optional-access): asked only if a list decided
    const core::Override& by = *report.combined.decided_by;
    const bool blocked = by.kind == core::Override::Kind::block_list;
    std::string text = (blocked ? "blocked by " : "allowed by ") + util::printable(by.place);
    if (const std::string also = found(report); !also.empty())
        text += (blocked ? "; " : ", not counting ") + also;
    return text;
}

/// The verdict column says "unknown" already.
std::string undecided(const core::Report& report) {
    constexpr std::string_view beginning = "Unknown: ";
    if (!report.error.empty()) return error_text(report);
    std::string text = util::printable(report.combined.explanation);
    if (text.starts_with(beginning)) text.erase(0, beginning.size());
    if (text.empty()) return with_missing("", "no answer of ", report);
    return text;
}

std::string why(const core::Report& report) {
    const auto& by = report.combined.decided_by;
    if (by && by->kind != core::Override::Kind::veto) return listed(report);
    switch (report.combined.verdict) {
        case Verdict::malicious:
            return found(report);
        case Verdict::suspicious:
            return report.combined.incomplete ? with_missing(found(report), "perhaps worse, without ", report)
                                              : found(report);
        case Verdict::unknown:
            return undecided(report);
        case Verdict::benign: {
            const std::string outvoted = found(report);
            return with_missing(outvoted.empty() ? "" : "outvoted: " + outvoted, "without ", report);
        }
    }
    return "";
}

}   // namespace

std::string to_text(const core::Report& report, const Style& style) {
    const std::string_view verdict = core::to_text(report.combined.verdict);
    const std::string name = util::printable(report.artifact.name);
    const std::string reason = why(report);
    std::string line = painted(verdict, report.combined.verdict, style);
    line.append(kVerdictColumn - verdict.size(), ' ');
    if (reason.empty()) return line + name;
    for (const std::size_t column :
         {kNameColumn, std::size_t{0}}) {   // in its column, or at least on the line
        const std::string text = padded(name, column) + "  " + reason;
        if (style.width <= 0 || kVerdictColumn + display_width(text) <= static_cast<std::size_t>(style.width))
            return line + text;
    }
    return line + name + '\n' + folded(reason, kVerdictColumn, style.width);
}

}   // namespace microengine::report
