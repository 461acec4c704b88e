// SPDX-License-Identifier: MIT
#include "host/combine/flips.hpp"

#include "host/combine/interval.hpp"
#include "host/combine/vote.hpp"

#include <cstddef>
#include <utility>

namespace microengine::combine {

using core::Flip;
using core::Verdict;

namespace {

/// The verdict if one vote were another.
Verdict verdict_with(const core::CombinerSettings& settings, std::span<Vote> votes, std::size_t at,
                     Vote::Kind instead) {
    Vote changed = votes[at];
    changed.kind = instead;
    if (changed.spoke()) changed.confidence = core::kCertain;
    std::swap(votes[at], changed);
    const Verdict verdict = judge(settings, interval_of(settings, votes)).verdict;
    std::swap(votes[at], changed);
    return verdict;
}

}   // namespace

std::vector<Flip> flips(const core::Combined& combined, std::span<const core::ScanResult> results) {
    std::vector<Flip> found;
    if (combined.decided_by && combined.decided_by->kind != core::Override::Kind::veto) return found;
    Votes storage(results);
    const std::span<Vote> votes = storage.all();
    const auto try_it = [&](std::size_t at, Vote::Kind instead, Flip::Kind kind, Verdict said) {
        const Verdict verdict = verdict_with(combined.settings, votes, at, instead);
        if (verdict != combined.verdict)
            found.push_back({kind, results[at].backend->policy.name, said, verdict});
    };
    for (std::size_t i = 0; i < votes.size(); ++i)
        if (votes[i].spoke()) try_it(i, Vote::Kind::abstains, Flip::Kind::removed, Verdict::unknown);
    for (std::size_t i = 0; i < votes.size(); ++i) {
        if (votes[i].kind != Vote::Kind::missing) continue;
        try_it(i, Vote::Kind::malicious, Flip::Kind::said, Verdict::malicious);
        try_it(i, Vote::Kind::benign, Flip::Kind::said, Verdict::benign);
    }
    return found;
}

}   // namespace microengine::combine
