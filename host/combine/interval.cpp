// SPDX-License-Identifier: MIT
#include "host/combine/interval.hpp"

#include <algorithm>

namespace microengine::combine {

using core::kCertain;
using core::UnknownBecause;
using core::Verdict;

namespace {

void close_at_both_ends(Interval& interval, Verdict said, const Vote& vote) {
    interval.low.add(said, vote.confidence, vote);
    interval.high.add(said, vote.confidence, vote);
    interval.seen.add(said, vote.confidence, vote);
}

void add(Interval& interval, const Vote& vote) {
    switch (vote.kind) {
        case Vote::Kind::malicious:
            close_at_both_ends(interval, Verdict::malicious, vote);
            return;
        case Vote::Kind::suspicious:
            close_at_both_ends(interval, Verdict::suspicious, vote);
            return;
        case Vote::Kind::suspicious_open:
            interval.low.add(Verdict::suspicious, vote.confidence, vote);
            interval.high.add(Verdict::malicious, kCertain, vote);
            interval.seen.add(Verdict::suspicious, vote.confidence, vote);
            return;
        case Vote::Kind::benign:
            ++interval.benign;
            close_at_both_ends(interval, Verdict::benign, vote);
            return;
        case Vote::Kind::missing:
        case Vote::Kind::pending:
            ++interval.open;
            interval.low.add(Verdict::benign, kCertain, vote);
            interval.high.add(Verdict::malicious, kCertain, vote);
            return;
        case Vote::Kind::abstains:
        case Vote::Kind::observes:
            return;
    }
}

void level_both(const core::CombinerSettings& settings, Interval& interval) {
    if (interval.low.voters == 0) return;
    interval.low_verdict = level(settings, interval.low);
    interval.high_verdict = level(settings, interval.high);
}

/// Why a verdict whose low bound is benign is not benign, by the first reason that holds.
UnknownBecause why_not_benign(const Interval& interval, std::uint32_t quorum) {
    if (interval.seen.voters == 0) return UnknownBecause::no_votes;
    if (interval.required_unmet) return UnknownBecause::required;
    if (interval.high_verdict != Verdict::benign) return UnknownBecause::missing_votes;
    if (interval.benign >= quorum) return UnknownBecause::none;
    // Short of the quorum, but the missing ones could fill it.
    return interval.benign + interval.open >= quorum ? UnknownBecause::missing_votes : UnknownBecause::quorum;
}

}   // namespace

Interval interval_of(const core::CombinerSettings& settings, std::span<const Vote> votes) {
    Interval interval;
    for (const Vote& vote : votes) {
        add(interval, vote);
        interval.required_unmet |= vote.required && vote.kind != Vote::Kind::benign;
    }
    level_both(settings, interval);
    return interval;
}

Interval without_vetoes(const core::CombinerSettings& settings, Interval interval) {
    interval.low.vetoed = false;
    interval.high.vetoed = false;
    level_both(settings, interval);
    return interval;
}

Judgement judge(const core::CombinerSettings& settings, const Interval& interval) {
    if (interval.low.voters == 0) return {.reason = UnknownBecause::all_abstained};
    if (interval.low_verdict != Verdict::benign) {
        // At least that, perhaps malicious: only a suspicious low bound leaves anything above it.
        return {.verdict = interval.low_verdict, .incomplete = interval.low_verdict != interval.high_verdict};
    }
    const UnknownBecause reason = why_not_benign(interval, std::max(settings.quorum, 1u));
    return {.verdict = reason == UnknownBecause::none ? Verdict::benign : Verdict::unknown, .reason = reason};
}

}   // namespace microengine::combine
