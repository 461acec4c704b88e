// SPDX-License-Identifier: MIT
#include "host/report/tally.hpp"

#include "host/report/columns.hpp"
#include "host/util/text.hpp"

#include <string_view>

namespace microengine::report {

namespace {
using core::Verdict;

std::string counted(std::uint64_t number, std::string_view one, std::string_view many) {
    return util::with_commas(number) + " " + std::string(number == 1 ? one : many);
}
}   // namespace

void Tally::add(const core::Report& report) {
    ++artifacts;
    ++verdicts.at(static_cast<std::size_t>(report.combined.verdict));
    if (report.error.empty())
        bytes += report.artifact.size;
    else
        ++unread;
    std::uint64_t loaded = 0;
    for (const core::ScanResult& row : report.results)
        if (const auto& known = row.backend->signatures) loaded += known->count;
    if (loaded > 0) signatures = loaded;
}

int exit_code(const Tally& tally, FailOn fail_on) {
    const std::uint64_t suspicious = fail_on == FailOn::suspicious ? tally.count(Verdict::suspicious) : 0;
    if (tally.count(Verdict::malicious) + suspicious > 0) return 1;
    if (tally.errors + tally.unread > 0 || tally.count(Verdict::unknown) > 0 || tally.artifacts == 0)
        return 2;
    return 0;
}

std::string summary_text(const Tally& tally, const Style& style) {
    const std::uint64_t all_errors = tally.errors + tally.unread;
    const std::string errors = all_errors > 0 ? counted(all_errors, "error", "errors") : "";
    if (tally.artifacts == 0) return "nothing was scanned" + (errors.empty() ? "" : ": " + errors);
    std::string text = "scanned " + counted(tally.artifacts, "artifact", "artifacts") + " (" +
                       util::human_bytes(tally.bytes) + ") in " + util::human_duration(tally.elapsed_ns);
    std::string_view gap = ": ";
    for (const Verdict verdict :
         {Verdict::malicious, Verdict::suspicious, Verdict::benign, Verdict::unknown}) {
        if (tally.count(verdict) == 0) continue;
        const std::string part =
            util::with_commas(tally.count(verdict)) + " " + std::string(core::to_text(verdict));
        text += std::string(gap) + painted(part, verdict, style);
        gap = ", ";
    }
    return errors.empty() ? text : text + "; " + errors;
}

std::string interrupted_text(std::uint64_t unfinished) {
    if (unfinished == 0)
        return "interrupted: what was in work was finished, other artifacts may not have been begun";
    return "interrupted: " +
           counted(unfinished, "artifact in work was not finished", "artifacts in work were not finished") +
           ", others not begun";
}

}   // namespace microengine::report
