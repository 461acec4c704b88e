// SPDX-License-Identifier: MIT
#include "host/combine/vote.hpp"

#include <algorithm>

namespace microengine::combine {

namespace {

using core::Outcome;
using core::Reason;
using core::Verdict;

/// A stored report may say anything; beyond this the sums of weighted would no longer be exact.
constexpr std::uint32_t kMaxWeight = 1000 * core::kCertain;

Vote::Kind kind_of(const core::ScanResult& result) {
    const bool whole = result.outcome == Outcome::completed && !result.partial;
    if (result.verdict == Verdict::malicious) return Vote::Kind::malicious;
    if (result.verdict == Verdict::suspicious)
        return whole ? Vote::Kind::suspicious : Vote::Kind::suspicious_open;
    switch (result.outcome) {
        case Outcome::completed:
            // "I saw half and found nothing" says nothing of the other half: missing, not an abstention.
            if (!whole) return Vote::Kind::missing;
            return result.verdict == Verdict::benign ? Vote::Kind::benign : Vote::Kind::abstains;
        case Outcome::unsupported:
            return Vote::Kind::abstains;
        case Outcome::skipped:
            return result.reason == Reason::routed || result.reason == Reason::deselected
                       ? Vote::Kind::abstains
                       : Vote::Kind::missing;
        case Outcome::timed_out:
        case Outcome::crashed:
        case Outcome::failed:
            break;
    }
    return Vote::Kind::missing;
}

}   // namespace

Vote pending_vote(const core::BackendPolicy& policy) {
    if (policy.weight == 0) return {.kind = Vote::Kind::observes, .weight = 0};
    return {.required = policy.required, .veto = policy.veto, .weight = std::min(policy.weight, kMaxWeight)};
}

Vote vote_of(const core::ScanResult& result) {
    const core::BackendPolicy& policy = result.backend->policy;
    Vote vote = pending_vote(policy);
    if (vote.kind == Vote::Kind::observes) return vote;
    vote.kind = kind_of(result);
    vote.confidence = std::min(result.effective_confidence(), core::kCertain);
    vote.confidence_set = result.confidence || policy.default_confidence;
    if (result.outcome == Outcome::skipped && result.reason == Reason::routed) vote.required = false;
    return vote;
}

Votes::Votes(std::span<const core::ScanResult> results) : size_(results.size()) {
    if (size_ > few_.size()) many_.resize(size_);
    std::ranges::transform(results, all().begin(), vote_of);
}

}   // namespace microengine::combine
