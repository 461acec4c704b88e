// SPDX-License-Identifier: MIT
#include "host/combine/combine.hpp"

#include "host/combine/confidence.hpp"
#include "host/combine/interval.hpp"
#include "host/combine/naming.hpp"
#include "host/combine/strategy.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace microengine::combine {

namespace {

using core::Override;
using core::Verdict;

void put_scores(core::Combined& combined, const Interval& interval, std::span<const Vote> votes) {
    const Rule& rule = rule_of(combined.settings.strategy);
    combined.contributions.assign(votes.size(), 0.0);
    if (interval.low.voters == 0) return;
    combined.low = rule.score(interval.low);
    combined.high = rule.score(interval.high);
    if (interval.seen.voters == 0) return;
    const Tally& scored = rule.missing_in_score ? interval.low : interval.seen;
    combined.score = rule.score(scored);
    std::ranges::transform(votes, combined.contributions.begin(),
                           [&](const Vote& vote) { return rule.contribution(vote, scored); });
}

/// A veto overrules the strategy; the report says what that would have said.
void put_veto(core::Combined& combined, const Interval& interval, std::span<const core::ScanResult> results,
              std::span<const Vote> votes) {
    Override veto{.kind = Override::Kind::veto, .place = {}};
    for (std::size_t i = 0; i < votes.size(); ++i) {
        if (!votes[i].veto || votes[i].kind != Vote::Kind::malicious) continue;
        if (!veto.place.empty()) veto.place += ", ";
        veto.place += results[i].backend->policy.name;
    }
    combined.decided_by = std::move(veto);
    combined.without_override = judge(combined.settings, without_vetoes(combined.settings, interval)).verdict;
}

/// A list overrules everything, the guards too.
void put_listed(core::Combined& combined, const Override& listed) {
    combined.without_override = combined.verdict;
    combined.decided_by = listed;
    combined.verdict = listed.kind == Override::Kind::block_list ? Verdict::malicious : Verdict::benign;
    combined.low_verdict = combined.high_verdict = combined.verdict;
    combined.reason = core::UnknownBecause::none;
    combined.incomplete = false;
    combined.confidence = core::kCertain;
    combined.confidence_set = true;
}

}   // namespace

bool not_needed(const core::ScanResult& result, const core::Combined& combined) {
    const bool fixed =
        (combined.decided_early && combined.verdict != Verdict::unknown && !combined.incomplete) ||
        (combined.decided_by && combined.decided_by->kind != Override::Kind::veto);
    return fixed && result.outcome == core::Outcome::skipped && result.reason == core::Reason::decided;
}

core::Combined combine(const core::CombinerSettings& settings, std::span<const core::ScanResult> results,
                       const CombineContext& context) {
    const Votes storage(results);
    const std::span<const Vote> votes = storage.all();
    const Interval interval = interval_of(settings, votes);
    const Judgement judgement = judge(settings, interval);
    const Certainty sure = certainty(settings, votes, judgement.verdict);

    core::Combined combined;
    combined.settings = settings;
    combined.verdict = judgement.verdict;
    combined.confidence = sure.confidence;
    combined.confidence_set = sure.set;
    combined.reason = judgement.reason;
    combined.incomplete = judgement.incomplete;
    combined.decided_early = context.decided_early;
    combined.low_verdict = interval.low_verdict;
    combined.high_verdict = interval.high_verdict;
    combined.quorum_have = interval.benign;
    put_scores(combined, interval, votes);
    if (interval.low.vetoed) put_veto(combined, interval, results, votes);
    if (context.listed && context.listed->kind != Override::Kind::veto) put_listed(combined, *context.listed);

    for (std::size_t i = 0; i < votes.size(); ++i)
        if (votes[i].kind == Vote::Kind::missing && !not_needed(results[i], combined))
            combined.missing.push_back(results[i].backend->policy.name);
    // A family beside "benign" would be the name of nothing: the rows tell of those who were outvoted.
    if (combined.verdict != Verdict::benign && interval.seen.accusers > 0)
        if (const core::Detection* named = name_giver(results, votes)) {
            combined.name = named->name;
            combined.family = named->family;
        }
    return combined;
}

std::optional<Verdict> decided(const core::CombinerSettings& settings, std::span<const Vote> votes) {
    const Judgement now = judge(settings, interval_of(settings, votes));
    if (now.verdict == Verdict::unknown || now.incomplete) return std::nullopt;
    return now.verdict;
}

}   // namespace microengine::combine
