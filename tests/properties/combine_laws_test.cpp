// SPDX-License-Identifier: MIT
// The laws of combining, for every strategy and any configuration. "The usual bug of this field is that an
// error looks clean": most of what follows forbids it.

#include "host/combine/combine.hpp"
#include "host/combine/confidence.hpp"
#include "host/combine/explain.hpp"
#include "host/combine/flips.hpp"
#include "host/combine/interval.hpp"
#include "host/combine/legacy.hpp"
#include "tests/properties/combine_scene.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

namespace microengine::combine {
namespace {

using core::Flip;
using core::severity;
using core::UnknownBecause;
using core::Verdict;
using testing::answers;
using testing::Rows;
using testing::Scene;

bool is_missing(const core::ScanResult& row) { return vote_of(row).kind == Vote::Kind::missing; }

std::size_t count(const Rows& rows, Verdict verdict) {
    return static_cast<std::size_t>(
        std::ranges::count_if(rows, [&](const auto& row) { return agrees(vote_of(row), verdict); }));
}

std::size_t draw_index(const Rows& rows) { return *rc::gen::inRange<std::size_t>(0, rows.size()); }

void insert_anywhere(Rows& rows, core::ScanResult row) {
    const auto at = *rc::gen::inRange<std::size_t>(0, rows.size() + 1);
    rows.insert(rows.begin() + static_cast<std::ptrdiff_t>(at), std::move(row));
}

/// The votes when only the first `arrived` of `order` have answered.
std::vector<Vote> votes_at(const Rows& rows, const std::vector<std::size_t>& order, std::size_t arrived) {
    std::vector<Vote> votes(rows.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        const core::ScanResult& row = rows[order[i]];
        votes[order[i]] = i < arrived ? vote_of(row) : pending_vote(row.backend->policy);
    }
    return votes;
}

RC_GTEST_PROP(CombineLaws, TheOrderOfTheBackendsDoesNotMatter, ()) {
    const Scene scene = testing::draw_scene();
    Rows shuffled;
    for (const std::size_t i : testing::draw_order(scene.rows.size())) shuffled.push_back(scene.rows[i]);
    core::Combined before = combine(scene.settings, scene.rows);
    core::Combined after = combine(scene.settings, shuffled);
    for (core::Combined* combined : {&before, &after}) {
        // In config order, on purpose.
        combined->missing.clear();
        combined->name.clear();
        combined->family.clear();
        combined->decided_by.reset();
    }
    RC_ASSERT(testing::show(before) == testing::show(after));
}

RC_GTEST_PROP(CombineLaws, AnErrorNeverMakesBenignWhatWasNot, ()) {
    Scene scene = testing::draw_scene();
    const std::size_t at = draw_index(scene.rows);
    const Verdict before = combine(scene.settings, scene.rows).verdict;
    scene.rows[at] = testing::draw_error(scene.rows[at]);
    RC_ASSERT(before == Verdict::benign || combine(scene.settings, scene.rows).verdict != Verdict::benign);
}

RC_GTEST_PROP(CombineLaws, ALookCutShortNeverMakesBenignWhatWasNot, ()) {
    Scene scene = testing::draw_scene(3);
    const std::size_t at = draw_index(scene.rows);
    const Verdict before = combine(scene.settings, scene.rows).verdict;
    scene.rows[at] = answers(scene.rows[at], Verdict::unknown);
    scene.rows[at].partial = core::Partial::encrypted;
    RC_ASSERT(before == Verdict::benign || combine(scene.settings, scene.rows).verdict != Verdict::benign);
}

RC_GTEST_PROP(CombineLaws, BenignStaysBenignWhateverTheMissingWouldHaveSaid, ()) {
    Scene scene = testing::draw_scene();
    RC_PRE(combine(scene.settings, scene.rows).verdict == Verdict::benign);
    for (core::ScanResult& row : scene.rows)
        if (is_missing(row)) row = testing::draw_answer(row);
    RC_ASSERT(combine(scene.settings, scene.rows).verdict == Verdict::benign);
}

RC_GTEST_PROP(CombineLaws, AnyDecidedVerdictHoldsWhateverTheOpenVotesTurnOutToBe, ()) {
    Scene scene = testing::draw_scene();
    const core::Combined before = combine(scene.settings, scene.rows);
    RC_PRE(before.verdict != Verdict::unknown);
    for (core::ScanResult& row : scene.rows) {
        if (is_missing(row)) row = testing::draw_answer(row);
        // At least what it has found, at most a sure hit.
        const Vote vote = vote_of(row);
        if (vote.kind != Vote::Kind::suspicious_open) continue;
        row = *rc::gen::arbitrary<bool>() ? answers(row, Verdict::malicious)
                                          : answers(row, Verdict::suspicious, vote.confidence);
    }
    const core::Combined after = combine(scene.settings, scene.rows);
    const bool holds = before.incomplete ? severity(after.verdict) >= severity(before.verdict)
                                         : after.verdict == before.verdict;
    RC_ASSERT(holds);
}

RC_GTEST_PROP(CombineLaws, ARequiredBackendIsNotOutvotedAndAVetoDecides, ()) {
    const Scene scene = testing::draw_scene();
    const Verdict verdict = combine(scene.settings, scene.rows).verdict;
    for (const core::ScanResult& row : scene.rows) {
        const Vote vote = vote_of(row);
        RC_ASSERT(!vote.required || vote.kind == Vote::Kind::benign || verdict != Verdict::benign);
        RC_ASSERT(!vote.required || !vote.accuses() || severity(verdict) >= severity(Verdict::suspicious));
        RC_ASSERT(!vote.veto || vote.kind != Vote::Kind::malicious || verdict == Verdict::malicious);
    }
}

RC_GTEST_PROP(CombineLaws, AnAbstentionChangesNothing, ()) {
    Scene scene = testing::draw_scene();
    const std::string before = testing::show(combine(scene.settings, scene.rows));
    insert_anywhere(scene.rows,
                    testing::changed(testing::draw_abstention(testing::draw_row("new")),
                                     [](core::BackendPolicy& policy) { policy.required = false; }));
    RC_ASSERT(testing::show(combine(scene.settings, scene.rows)) == before);
}

RC_GTEST_PROP(CombineLaws, AnObserverChangesNothing, ()) {
    Scene scene = testing::draw_scene();
    const std::string before = testing::show(combine(scene.settings, scene.rows));
    insert_anywhere(scene.rows, testing::changed(testing::draw_row("new"),
                                                 [](core::BackendPolicy& policy) { policy.weight = 0; }));
    RC_ASSERT(testing::show(combine(scene.settings, scene.rows)) == before);
}

RC_GTEST_PROP(CombineLaws, ASureHitNeverHelpsTheArtifact, ()) {
    Scene scene = testing::draw_scene();
    const std::size_t at = draw_index(scene.rows);
    const Verdict before = combine(scene.settings, scene.rows).verdict;
    scene.rows[at] = answers(scene.rows[at], Verdict::malicious);
    RC_ASSERT(severity(combine(scene.settings, scene.rows).verdict) >= severity(before));
}

RC_GTEST_PROP(CombineLaws, OneMoreHitOfAnyConfidenceNeverHelpsTheArtifact, ()) {
    Scene scene = testing::draw_scene();
    const Verdict before = combine(scene.settings, scene.rows).verdict;
    insert_anywhere(scene.rows,
                    answers(testing::draw_row("new"), Verdict::malicious, testing::draw_confidence()));
    RC_ASSERT(severity(combine(scene.settings, scene.rows).verdict) >= severity(before));
}

RC_GTEST_PROP(CombineLaws, AHitInPlaceOfAWeakerAnswerNeverHelpsTheArtifact, ()) {
    Scene scene = testing::draw_scene();
    const std::size_t at = draw_index(scene.rows);
    core::ScanResult& row = scene.rows[at];
    const Vote vote = vote_of(row);
    RC_PRE(vote.kind == Vote::Kind::suspicious || vote.kind == Vote::Kind::benign);
    const Verdict before = combine(scene.settings, scene.rows).verdict;
    row = answers(row, Verdict::malicious,
                  *rc::gen::inRange<core::BasisPoints>(vote.confidence, core::kCertain + 1));
    RC_ASSERT(severity(combine(scene.settings, scene.rows).verdict) >= severity(before));
}

RC_GTEST_PROP(CombineLaws, AnEarlyDecisionIsThatOfTheFullRun, ()) {
    const Scene scene = testing::draw_scene();
    const core::Combined full = combine(scene.settings, scene.rows);
    const auto order = testing::draw_order(scene.rows.size());
    for (std::size_t arrived = 0; arrived <= order.size(); ++arrived) {
        const auto early = decided(scene.settings, votes_at(scene.rows, order, arrived));
        if (!early) continue;
        RC_ASSERT(*early == full.verdict);

        // What the report then says: the others were not asked.
        Rows stopped = scene.rows;
        for (std::size_t i = arrived; i < order.size(); ++i)
            stopped[order[i]] = testing::not_asked(stopped[order[i]]);
        const core::Combined combined = combine(scene.settings, stopped, {.decided_early = true});
        RC_ASSERT(combined.verdict == full.verdict);
        RC_ASSERT(!combined.incomplete);
        RC_ASSERT(combined.confidence <= full.confidence);
        for (std::size_t i = arrived; i < order.size(); ++i)
            RC_ASSERT(std::ranges::count(combined.missing, stopped[order[i]].backend->policy.name) == 0);
    }
}

RC_GTEST_PROP(CombineLaws, AStoppedBackendMayStillTurnOutAnyWay, ()) {
    const Scene scene = testing::draw_scene();
    const auto order = testing::draw_order(scene.rows.size());
    for (std::size_t arrived = 0; arrived < order.size(); ++arrived) {
        const auto early = decided(scene.settings, votes_at(scene.rows, order, arrived));
        if (!early) continue;
        Rows rows = scene.rows;
        for (std::size_t i = arrived; i < order.size(); ++i)
            rows[order[i]] = testing::draw_answer(rows[order[i]]);
        RC_ASSERT(combine(scene.settings, rows, {.decided_early = true}).verdict == *early);
    }
}

RC_GTEST_PROP(CombineLaws, TheIntervalHoldsTheFinalAnswerAndOnlyShrinks, ()) {
    constexpr double kDust = 1e-12;
    const Scene scene = testing::draw_scene();
    const core::Combined full = combine(scene.settings, scene.rows);
    RC_PRE(full.low_verdict != Verdict::unknown);   // an empty electorate has no interval
    const Rule& rule = rule_of(scene.settings.strategy);
    const auto order = testing::draw_order(scene.rows.size());
    Verdict low = Verdict::benign;
    Verdict high = Verdict::malicious;
    double low_score = 0.0;
    double high_score = 1.0;
    for (std::size_t arrived = 0; arrived <= order.size(); ++arrived) {
        const Interval now = interval_of(scene.settings, votes_at(scene.rows, order, arrived));
        RC_ASSERT(severity(now.low_verdict) >= severity(low));
        RC_ASSERT(severity(now.high_verdict) <= severity(high));
        RC_ASSERT(severity(now.low_verdict) <= severity(now.high_verdict));
        RC_ASSERT(rule.score(now.low) >= low_score - kDust);
        RC_ASSERT(rule.score(now.high) <= high_score + kDust);
        low = now.low_verdict;
        high = now.high_verdict;
        low_score = rule.score(now.low);
        high_score = rule.score(now.high);
        RC_ASSERT(!full.score || (low_score <= *full.score + kDust && *full.score <= high_score + kDust));
        RC_ASSERT(severity(low) <= severity(full.low_verdict));
        RC_ASSERT(severity(full.high_verdict) <= severity(high));
    }
}

RC_GTEST_PROP(CombineLaws, TheSameRowsGiveTheSameReport, ()) {
    const Scene scene = testing::draw_scene();
    const CombineContext context{.decided_early = *rc::gen::arbitrary<bool>()};
    Rows stored;
    for (const core::ScanResult& row : scene.rows)
        stored.push_back(testing::changed(row, [](core::BackendPolicy&) {}));
    const core::Combined then = combine(scene.settings, scene.rows, context);
    const core::Combined now = combine(then.settings, stored, {.decided_early = then.decided_early});
    RC_ASSERT(testing::show(now) == testing::show(then));
    RC_ASSERT(now.contributions == then.contributions);
    RC_ASSERT(explain(now, stored, "t") == explain(then, scene.rows, "t"));
}

RC_GTEST_PROP(CombineLaws, NoVerdictWithoutTheVotesForIt, ()) {
    const Scene scene = testing::draw_scene();
    const core::Combined combined = combine(scene.settings, scene.rows);
    const std::size_t malicious = count(scene.rows, Verdict::malicious);
    const std::size_t accusers = count(scene.rows, Verdict::suspicious);
    const std::size_t benign = count(scene.rows, Verdict::benign);
    RC_CLASSIFY(combined.verdict == Verdict::benign, "benign");
    RC_CLASSIFY(combined.verdict == Verdict::suspicious, "suspicious");
    RC_CLASSIFY(combined.verdict == Verdict::malicious, "malicious");
    RC_CLASSIFY(combined.verdict == Verdict::unknown, "unknown");
    RC_ASSERT(combined.verdict != Verdict::malicious || malicious > 0);
    RC_ASSERT(combined.verdict != Verdict::suspicious || accusers > 0);
    RC_ASSERT(combined.verdict != Verdict::benign || benign >= std::max(scene.settings.quorum, 1u));
    RC_ASSERT((combined.verdict == Verdict::unknown) == (combined.reason != UnknownBecause::none));
    RC_ASSERT(!combined.incomplete || combined.verdict == Verdict::suspicious);
    RC_ASSERT(combined.confidence <= core::kCertain);
    RC_ASSERT(combined.quorum_have == benign);
    RC_ASSERT(combined.contributions.size() == scene.rows.size());
    if (combined.score && scene.settings.strategy != core::Strategy::any) {
        const double sum = std::accumulate(combined.contributions.begin(), combined.contributions.end(), 0.0);
        RC_ASSERT(sum > *combined.score - 1e-9);
        RC_ASSERT(sum < *combined.score + 1e-9);
    }
}

/// The tutorial's way to make one scan result of several.
Legacy tutorial(const Rows& rows, const std::vector<std::string>& metadata) {
    Legacy result;
    double sum = 0.0;
    std::size_t asserted = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const bool bit = rows[i].verdict != Verdict::unknown;
        result.bit |= bit;
        result.verdict |= rows[i].verdict == Verdict::malicious;
        if (i > 0) result.metadata += ";";
        result.metadata += metadata[i];
        if (!bit) continue;
        sum += rows[i].effective_confidence() / 1e4;
        ++asserted;
    }
    result.confidence = sum / double(asserted);
    return result;
}

RC_GTEST_PROP(CombineLaws, TheLegacyViewIsTheTutorialsWhereThatIsDefined, ()) {
    Rows rows;
    std::vector<std::string> metadata;
    const auto size = *rc::gen::inRange<std::size_t>(1, 8);
    for (std::size_t i = 0; i < size; ++i) {
        const auto verdict = *rc::gen::element(Verdict::unknown, Verdict::benign, Verdict::malicious);
        rows.push_back(testing::changed(answers(testing::draw_row("b"), verdict, testing::draw_confidence()),
                                        [](core::BackendPolicy& policy) { policy = {}; }));
        metadata.push_back(*rc::gen::element<std::string>("", "a", "two words", "x\\y"));
    }
    const std::size_t malicious = count(rows, Verdict::malicious);
    const std::size_t benign = count(rows, Verdict::benign);
    RC_PRE(malicious + benign > 0);
    const Legacy wanted = tutorial(rows, metadata);
    const Legacy ours = legacy_view(combine({.suspicious_threshold = {}}, rows), rows, metadata);
    RC_ASSERT(ours.bit == wanted.bit);
    RC_ASSERT(ours.verdict == wanted.verdict);
    RC_ASSERT(ours.metadata == wanted.metadata);
    if (malicious == 0 || benign == 0) RC_ASSERT(ours.confidence == wanted.confidence);
}

RC_GTEST_PROP(CombineLaws, EveryFlipIsTrueAndNoneIsLeftOut, ()) {
    const Scene scene = testing::draw_scene();
    const core::Combined combined = combine(scene.settings, scene.rows);
    std::vector<Flip> wanted;
    const auto try_it = [&](std::size_t at, const core::ScanResult& instead, Flip flip) {
        Rows rows = scene.rows;
        rows[at] = instead;
        flip.backend = instead.backend->policy.name;
        flip.verdict = combine(scene.settings, rows).verdict;
        if (flip.verdict != combined.verdict) wanted.push_back(flip);
    };
    for (std::size_t i = 0; i < scene.rows.size(); ++i)
        if (vote_of(scene.rows[i]).spoke())
            try_it(i, answers(scene.rows[i], Verdict::unknown), {Flip::Kind::removed, "", {}, {}});
    for (std::size_t i = 0; i < scene.rows.size(); ++i) {
        if (!is_missing(scene.rows[i])) continue;
        for (const Verdict said : {Verdict::malicious, Verdict::benign})
            try_it(i, answers(scene.rows[i], said), {Flip::Kind::said, "", said, {}});
    }
    const auto found = flips(combined, scene.rows);
    RC_ASSERT(std::ranges::equal(found, wanted, [](const Flip& a, const Flip& b) {
        return a.kind == b.kind && a.backend == b.backend && a.said == b.said && a.verdict == b.verdict;
    }));
}

RC_GTEST_PROP(CombineLaws, EveryVerdictHasASentence, ()) {
    const Scene scene = testing::draw_scene(12);
    CombineContext context{.decided_early = *rc::gen::arbitrary<bool>()};
    if (*rc::gen::inRange(0, 5) == 0)
        context.listed = core::Override{
            .kind = *rc::gen::element(core::Override::Kind::block_list, core::Override::Kind::allow_list),
            .place = "list:1"};
    const std::string text = explain(combine(scene.settings, scene.rows, context), scene.rows, "t");
    RC_LOG() << text;
    RC_ASSERT(text.ends_with('.'));
    for (const std::string_view hole :
         {"  ", " ,", " ;", " .", "()", ",,", ";;", ": .", ": ;", ": ,", " and .", "only  ", "nan", "; ;"})
        RC_ASSERT(!text.contains(hole));
    RC_ASSERT(text.front() != ' ');
}

}   // namespace
}   // namespace microengine::combine
