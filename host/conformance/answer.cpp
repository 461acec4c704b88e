// SPDX-License-Identifier: MIT
#include "host/conformance/answer.hpp"

#include "host/util/text.hpp"

#include <utility>

namespace microengine::conformance {

using core::Outcome;
using core::Reason;
using core::Verdict;

namespace {

constexpr std::uint32_t kKnownFlags = ME_RESULT_PARTIAL | ME_RESULT_TRUSTED | 0xFF00U;

void judge_flags(const me_result& result, std::vector<Finding>& found) {
    if ((result.flags & ~kKnownFlags) != 0)
        found.push_back({.reason = "its result has flags that this ABI does not know: " +
                                   std::to_string(result.flags & ~kKnownFlags),
                         .fix = "set ME_RESULT_PARTIAL and ME_RESULT_TRUSTED only; other bits stay zero"});
    const std::uint32_t why = result.flags >> 8 & 0xFF;
    if (why > ME_PARTIAL_TRUNCATED)
        found.push_back({.reason = "its result is partial for a reason that this ABI does not know: " +
                                   std::to_string(why),
                         .fix = "use one of ME_PARTIAL_*"});
    if (why != 0 && (result.flags & ME_RESULT_PARTIAL) == 0)
        found.push_back({.reason = "its result says why it is partial, but not that it is",
                         .fix = "use ME_RESULT_PARTIAL_BECAUSE(), which sets both"});
    const bool trusted = (result.flags & ME_RESULT_TRUSTED) != 0;
    if (trusted && (result.verdict != ME_BENIGN || (result.flags & ME_RESULT_PARTIAL) != 0))
        found.push_back({.reason = "its result is trusted, but not a complete benign one",
                         .fix = "set ME_RESULT_TRUSTED with ME_BENIGN only, when all of it was examined"});
}

void judge_failure(const Answer& answer, std::vector<Finding>& found) {
    const me_status status = answer.status;
    const bool ours = status == ME_E_CANCELLED || status == ME_E_DEADLINE || status == ME_E_UNSUPPORTED;
    if (answer.fail_text.empty() && !ours)
        found.push_back({.reason = "it failed with status " + std::to_string(status) + " and gave no reason",
                         .fix = "call host->fail with a sentence for the operator before you return"});
    if (answer.result.verdict == ME_BENIGN)
        found.push_back(
            {.reason = "it failed and left the verdict benign, with status " + std::to_string(status),
             .fix = "say benign last, when all was examined: a failure is never benign",
             .error = false});
}

}   // namespace

std::vector<Finding> faults_of(const Answer& answer) {
    std::vector<Finding> found(answer.broken.begin(), answer.broken.end());
    if (answer.status > 0 || answer.status < ME_E_FATAL)
        found.push_back(
            {.reason = "its status is " + std::to_string(answer.status) + ", which this ABI does not know",
             .fix = "return ME_OK or one of ME_E_*; anything else reads as ME_E_FAILED"});
    if (answer.judged.reason == Reason::bad_result)
        found.push_back({.reason = answer.judged.message,
                         .fix =
                             "the host takes such an answer for a failure; see ME_UNKNOWN to ME_MALICIOUS, "
                             "ME_CONFIDENCE_MAX and the table of outcomes"});
    if (answer.judged.reason == Reason::plugin_error && answer.status == ME_E_CANCELLED)
        found.push_back({.reason = "it said that it was cancelled, and nobody had cancelled it",
                         .fix = "return ME_E_CANCELLED only when host->should_stop does"});
    if (answer.status != ME_OK && answer.status != ME_E_LIMIT) {
        judge_failure(answer, found);
        return found;
    }
    judge_flags(answer.result, found);
    const Verdict strongest = core::strongest(answer.judged.detections);
    if (std::cmp_less(answer.result.verdict, std::to_underlying(strongest)))
        found.push_back({.reason = "its verdict is weaker than its strongest detection, " +
                                   std::string(core::to_text(strongest)),
                         .fix = "raise result.verdict to that of every detection you report"});
    return found;
}

std::string told(const core::ScanResult& judged) {
    if (judged.outcome != Outcome::completed)
        return std::string(core::to_text(judged.outcome)) +
               (judged.message.empty() ? "" : ": " + util::printable(util::cut(judged.message, 200)));
    std::string text(core::to_text(judged.verdict));
    if (judged.partial) text += " (partial: " + std::string(core::to_text(*judged.partial)) + ")";
    if (!judged.detections.empty())
        text +=
            ": " + util::printable(judged.detections.front().name) +
            (judged.detections.size() > 1 ? " and " + std::to_string(judged.detections.size() - 1) + " more"
                                          : "");
    return text;
}

std::string told(const Answer& answer) { return told(answer.judged); }

std::string fingerprint(const core::ScanResult& judged) {
    std::string text(core::to_text(judged.outcome));
    const auto add = [&text](std::string_view part) { text.append(1, '\x1f').append(part); };
    add(core::to_text(judged.verdict));
    add(judged.confidence ? std::to_string(*judged.confidence) : "-");
    add(judged.partial ? core::to_text(*judged.partial) : "-");
    add(judged.trusted ? "trusted" : "-");
    for (const core::Detection& one : judged.detections) {
        add(one.name);
        add(one.family);
        add(one.name_space);
        add(core::to_text(one.verdict));
        add(one.confidence ? std::to_string(*one.confidence) : "-");
        for (const std::string& tag : one.tags) add(tag);
        add(std::to_string(one.offset));
        add(std::to_string(one.length));
        add(one.detail);
    }
    return text;
}

}   // namespace microengine::conformance
