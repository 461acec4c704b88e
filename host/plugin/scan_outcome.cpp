// SPDX-License-Identifier: MIT
#include "host/plugin/scan_outcome.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace microengine::plugin {

using core::Outcome;
using core::Partial;
using core::Reason;
using core::Verdict;

namespace {

/// Did its answer keep the rules? Else why not.
std::string broken_rule(const CallRecord& call, const me_result& result) {
    if (!call.broke_rule.empty()) return call.broke_rule;
    if (result.verdict < ME_UNKNOWN || result.verdict > ME_MALICIOUS)
        return "its verdict is " + std::to_string(result.verdict) + ", not one of 0..3";
    if (result.confidence > ME_CONFIDENCE_MAX && result.confidence != ME_CONFIDENCE_UNSET)
        return "its confidence is " + std::to_string(result.confidence) + ", not within 0..10000";
    return {};
}

std::pair<Outcome, Reason> outcome_of(const ScanRequest& request, me_status status) {
    const Reason wanted = request.cancel == nullptr ? Reason::none : request.cancel->load();
    switch (status) {
        case ME_E_UNSUPPORTED:
            return {Outcome::unsupported, Reason::other};
        case ME_E_DEADLINE: {
            const bool own =
                request.backend_deadline.exists() &&
                (!request.deadline.exists() || request.backend_deadline.ns() < request.deadline.ns());
            return {Outcome::timed_out,
                    own || !request.deadline.exists() ? Reason::timeout : Reason::deadline};
        }
        case ME_E_CANCELLED:
            // Only we cancel: a plugin that says so by itself has failed.
            if (wanted != Reason::none) return {Outcome::skipped, wanted};
            return {Outcome::failed, Reason::plugin_error};
        case ME_E_NO_MEMORY:
            return {Outcome::failed, Reason::out_of_memory};
        default:
            return {Outcome::failed, Reason::plugin_error};
    }
}

/// An answer was given: status OK, or a limit of the backend's own that left the result filled.
void take_answer(const me_result& result, bool truncated, bool limit, core::ScanResult& out) {
    out.outcome = Outcome::completed;
    out.reason = Reason::none;
    out.verdict = std::max(static_cast<Verdict>(result.verdict), out.verdict);
    if (result.confidence != ME_CONFIDENCE_UNSET) out.confidence = result.confidence;
    out.bytes_scanned = result.bytes_scanned;
    out.trusted = out.verdict == Verdict::benign && (result.flags & ME_RESULT_TRUSTED) != 0;
    // A reason without the flag is meant as both.
    if (const std::uint32_t why = result.flags >> 8 & 0xFF;
        why != 0 || (result.flags & ME_RESULT_PARTIAL) != 0) {
        out.partial =
            why <= std::to_underlying(Partial::truncated) ? static_cast<Partial>(why) : Partial::other;
    } else if (limit) {
        out.partial = Partial::other;
    } else if (truncated) {
        out.partial = Partial::truncated;
    }
    // Not everything was seen: that nothing was found says nothing.
    if (out.partial && out.verdict == Verdict::benign) {
        out.verdict = Verdict::unknown;
        out.trusted = false;
    }
}

}   // namespace

void judge_answer(const ScanRequest& request, const CallRecord& call, me_status status,
                  const me_result& result, core::ScanResult& out) {
    out.detections_cut = call.detections_cut;
    out.verdict = core::strongest(out.detections);   // what was found stands, whatever came after it
    out.message = call.fail_text;
    const bool answered = status == ME_OK || status == ME_E_LIMIT;
    if (answered) {
        if (const std::string rule = broken_rule(call, result); !rule.empty()) {
            out.outcome = Outcome::failed;
            out.reason = Reason::bad_result;
            out.message = rule;
            return;
        }
        take_answer(result, request.artifact->truncated, status == ME_E_LIMIT, out);
        return;
    }
    std::tie(out.outcome, out.reason) = outcome_of(request, status);
    if (out.outcome == Outcome::unsupported &&
        (out.verdict != Verdict::unknown || !call.broke_rule.empty())) {
        out.outcome = Outcome::failed;   // it did judge it
        out.reason = Reason::bad_result;
        out.message = "it reported detections and then called the artifact unsupported";
    }
}

}   // namespace microengine::plugin
