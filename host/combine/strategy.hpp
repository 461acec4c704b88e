// SPDX-License-Identifier: MIT
#pragma once
// What votes amount to when none of them is open: the strategies, and what holds in all of them. Pure.

#include "host/combine/vote.hpp"
#include "host/core/combiner_settings.hpp"
#include "host/core/verdict.hpp"

#include <cstdint>
#include <span>

namespace microengine::combine {

/// The electorate, counted once. With 256 backends of the greatest weight no product below exceeds 5.2e17.
struct Tally {
    std::uint32_t voters = 0;
    std::uint32_t malicious = 0;
    std::uint32_t accusers = 0;        ///< malicious and suspicious
    std::uint64_t force = 0;           ///< of all voters: weight × confidence, in units of 1e-8
    std::uint64_t doubled_guilt = 0;   ///< 2 × force of the malicious + force of the suspicious: no halves
    bool vetoed = false;               ///< a malicious vote of a backend with a veto
    bool required_accuses = false;

    void add(core::Verdict said, core::BasisPoints confidence, const Vote& vote);
};

/// One strategy. `level` is monotone: a worse vote never gives a better level; everything in interval.hpp
/// leans on that.
struct Rule {
    core::Verdict (*level)(const core::CombinerSettings&, const Tally&);
    double (*score)(const Tally&);
    /// What one vote adds to the score of this tally.
    double (*contribution)(const Vote&, const Tally&);
    /// Of a verdict, from those who agree with it; whoever disagrees is felt in the denominator only.
    core::BasisPoints (*confidence)(std::span<const Vote>, core::Verdict);
    bool missing_in_score;   ///< missing votes stay in the denominator of the score
};

extern const Rule kAny;
extern const Rule kMajority;
extern const Rule kWeighted;

[[nodiscard]] const Rule& rule_of(core::Strategy strategy);

/// The level of the strategy, with veto and required: benign, suspicious or malicious.
[[nodiscard]] core::Verdict level(const core::CombinerSettings& settings, const Tally& tally);

}   // namespace microengine::combine
