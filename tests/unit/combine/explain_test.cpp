// SPDX-License-Identifier: MIT
// Golden sentences. A new one is tried on somebody.

#include "host/combine/explain.hpp"

#include "host/combine/combine.hpp"
#include "tests/unit/combine/rows.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace microengine::combine {
namespace {

using core::CombinerSettings;
using core::Outcome;
using core::Override;
using core::Reason;
using core::Strategy;
using core::Verdict;
using Rows = std::vector<core::ScanResult>;

constexpr CombinerSettings kAnySettings{.strategy = Strategy::any, .suspicious_threshold = {}};
constexpr CombinerSettings kMajoritySettings{.strategy = Strategy::majority, .suspicious_threshold = {}};
constexpr CombinerSettings kWeightedSettings{.strategy = Strategy::weighted, .suspicious_threshold = {}};

core::ScanResult malicious(const std::string& name, const std::string& detection = "", double sure = 1.0) {
    return testing::row({.name = name}, Verdict::malicious, sure, detection);
}
core::ScanResult suspicious(const std::string& name, const std::string& detection = "") {
    return testing::row({.name = name}, Verdict::suspicious, 1.0, detection);
}
core::ScanResult benign(const std::string& name) { return testing::row({.name = name}, Verdict::benign); }
core::ScanResult abstains(const std::string& name) { return testing::row({.name = name}, Verdict::unknown); }
core::ScanResult lost(const std::string& name, Outcome outcome, Reason reason) {
    return testing::lost({.name = name}, outcome, reason);
}
core::ScanResult timed_out(const std::string& name) {
    return lost(name, Outcome::timed_out, Reason::timeout);
}
core::ScanResult crashed(const std::string& name) { return lost(name, Outcome::crashed, Reason::signal); }
core::ScanResult unsupported(const std::string& name) {
    return lost(name, Outcome::unsupported, Reason::type);
}
core::ScanResult stopped(const std::string& name) { return lost(name, Outcome::skipped, Reason::decided); }
core::ScanResult partial(core::ScanResult result) {
    result.partial = core::Partial::encrypted;
    return result;
}
core::ScanResult heavy(core::ScanResult result, std::uint32_t weight) {
    testing::policy_of(result).weight = weight * core::kCertain;
    return result;
}
core::ScanResult required(core::ScanResult result) {
    testing::policy_of(result).required = true;
    return result;
}
core::ScanResult with_veto(core::ScanResult result) {
    testing::policy_of(result).veto = true;
    return result;
}

struct Case {
    std::string name;
    CombinerSettings settings;
    Rows rows;
    std::string sentence;
    CombineContext context = {};
};

CombinerSettings tie(CombinerSettings settings, Verdict verdict) {
    settings.on_tie = verdict;
    return settings;
}
CombinerSettings quorum(CombinerSettings settings, std::uint32_t needed) {
    settings.quorum = needed;
    return settings;
}
CombinerSettings bars(core::BasisPoints threshold, std::optional<core::BasisPoints> lower = {}) {
    return {.strategy = Strategy::weighted, .threshold = threshold, .suspicious_threshold = lower};
}

// clang-format off
std::vector<Case> malicious_cases() {
    return {
        {"AnyOneHit", kAnySettings, {malicious("clamav", "Eicar-Test-Signature"), benign("yara"), benign("x")},
         R"(1 of 3 backends found it malicious (clamav: Eicar-Test-Signature); with "any" one is enough.)"},
        {"AnyManyHits", kAnySettings,
         {malicious("a", "A"), malicious("b"), malicious("c", "C"), malicious("d"), malicious("e")},
         R"(5 of 5 backends found it malicious (a: A, b, c: C and 2 more); with "any" one is enough.)"},
        {"AnyWhateverIsMissing", kAnySettings, {malicious("a", "A"), timed_out("b")},
         R"(1 of 2 backends found it malicious (a: A); with "any" one is enough, whatever b (timed out) would have said.)"},
        {"AnyDecidedEarly", kAnySettings, {malicious("a", "A"), stopped("b"), stopped("c")},
         R"(1 of 3 backends found it malicious (a: A); with "any" one is enough; decided early, without waiting for b and c.)",
         {.decided_early = true}},
        {"AnyDecidedEarlyWithNobodyStopped", kAnySettings, {malicious("a", "A"), benign("b")},
         R"(1 of 2 backends found it malicious (a: A); with "any" one is enough; decided early.)",
         {.decided_early = true}},
        {"Example1", kWeightedSettings,
         {heavy(malicious("clamav"), 2), malicious("yara", "", 0.8), benign("vendor_x"), timed_out("vendor_y")},
         "clamav and yara found it malicious: weighted score at least 0.58, above 0.50, whatever vendor_y (timed out) would have said."},
        {"WeightedNothingMissing", kWeightedSettings, {malicious("a"), malicious("b"), benign("c")},
         "a and b found it malicious: weighted score 0.67, above 0.50."},
        {"WeightedBarely", kWeightedSettings, {malicious("a"), testing::row({.name = "b"}, Verdict::benign, 0.999)},
         "a found it malicious: weighted score 0.5003, above 0.50."},
        {"WeightedOddBar", bars(3'333), {malicious("a"), benign("b")},
         "a found it malicious: weighted score 0.50, above 0.3333."},
        {"WeightedTie", tie(kWeightedSettings, Verdict::malicious), {malicious("a"), benign("b")},
         "a found it malicious: weighted score 0.50, and a tie counts as malicious."},
        {"WeightedDecidedEarly", kWeightedSettings, {malicious("a"), malicious("b"), stopped("c")},
         "a and b found it malicious: weighted score at least 0.66, above 0.50; decided early, without waiting for c.",
         {.decided_early = true}},
        {"Majority", kMajoritySettings, {malicious("a", "A"), malicious("b", "B"), benign("c")},
         "2 of 3 backends found it malicious (a: A and b: B), which is a majority."},
        {"MajorityWhateverIsMissing", kMajoritySettings, {malicious("a"), malicious("b"), crashed("c")},
         "2 of 3 backends found it malicious (a and b), which is a majority, whatever c (crashed) would have said."},
        {"MajorityTie", tie(kMajoritySettings, Verdict::malicious), {malicious("a"), benign("b")},
         "1 of 2 backends found it malicious (a); a tie counts as malicious."},
    };
}

std::vector<Case> suspicious_cases() {
    return {
        {"Any", kAnySettings, {suspicious("a", "PUA.Toolbar"), benign("b")},
         "1 of 2 backends found it suspicious (a: PUA.Toolbar) and none malicious."},
        {"AnyIncomplete", kAnySettings, {suspicious("a", "PUA"), crashed("b")},
         "1 of 2 backends found it suspicious (a: PUA) and none malicious; b crashed and could have made it malicious."},
        {"AnySawOnlyPart", kAnySettings, {partial(suspicious("a", "PUA")), benign("b")},
         "1 of 2 backends found it suspicious (a: PUA) and none malicious; a saw only part of it and could have made it malicious."},
        {"AnySeveralOpen", kAnySettings, {partial(suspicious("a", "PUA")), crashed("b")},
         "1 of 2 backends found it suspicious (a: PUA) and none malicious; a (saw only part of it) and b (crashed) gave no whole answer and could have made it malicious."},
        {"MajorityTogether", kMajoritySettings, {malicious("a"), suspicious("b", "PUA"), benign("c")},
         "2 of 3 backends found it malicious or suspicious (a and b: PUA), which together is a majority."},
        {"MajorityAlone", kMajoritySettings, {suspicious("a"), suspicious("b"), benign("c")},
         "2 of 3 backends found it suspicious (a and b), which is a majority."},
        {"MajorityTie", kMajoritySettings, {malicious("a", "A"), benign("b")},
         "1 of 2 backends found it malicious (a: A); a tie counts as suspicious."},
        {"MajorityTieIncomplete", kMajoritySettings,
         {malicious("a"), malicious("b"), benign("c"), timed_out("d")},
         "2 of 4 backends found it malicious (a and b); a tie counts as suspicious; d timed out and could have made it malicious."},
        {"Weighted", kWeightedSettings, {malicious("a"), benign("b"), benign("c")},
         "a found it malicious: weighted score 0.33, enough for suspicious (0.25 or more), not for malicious (above 0.50)."},
        {"WeightedWhereATieIsMalicious", tie(kWeightedSettings, Verdict::malicious),
         {malicious("a"), benign("b"), benign("c")},
         "a found it malicious: weighted score 0.33, enough for suspicious (0.25 or more), not for malicious (0.50 or more)."},
        {"WeightedTie", kWeightedSettings, {malicious("a"), benign("b")},
         "a found it malicious: weighted score 0.50, and a tie counts as suspicious."},
        {"WeightedTieGoesOn", tie(kWeightedSettings, Verdict::benign), {malicious("a"), benign("b")},
         "a found it malicious: weighted score 0.50, enough for suspicious (0.25 or more), not for malicious (above 0.50)."},
        {"WeightedNobodySaidMalicious", kWeightedSettings, {suspicious("a"), benign("b")},
         "a found it suspicious: weighted score 0.25, enough for suspicious (0.25 or more)."},
        {"WeightedBoth", kWeightedSettings, {malicious("a"), suspicious("b"), benign("c"), benign("d")},
         "a found it malicious and b suspicious: weighted score 0.38, enough for suspicious (0.25 or more), not for malicious (above 0.50)."},
        {"WeightedIncomplete", kWeightedSettings, {malicious("a"), benign("b"), crashed("c")},
         "a found it malicious: weighted score at least 0.33, enough for suspicious (0.25 or more); c crashed and could have made it malicious."},
        {"WeightedWhateverIsMissing", bars(9'000, 2'000), {malicious("a"), benign("b"), benign("c"), crashed("d")},
         "a found it malicious: weighted score from 0.25 to 0.50, enough for suspicious (0.20 or more), not for malicious (above 0.90), whatever d (crashed) would have said."},
        {"Required", kMajoritySettings, {benign("a"), benign("b"), required(malicious("c"))},
         "c found it malicious and is required, so it cannot be outvoted; 2 of 3 backends found nothing."},
        {"RequiredTwo", kMajoritySettings,
         {benign("a"), benign("b"), benign("c"), required(suspicious("d")), required(suspicious("e"))},
         "d and e found it suspicious and are required, so it cannot be outvoted; 3 of 5 backends found nothing."},
        {"RequiredIncomplete", kMajoritySettings,
         {benign("a"), benign("b"), required(malicious("c")), crashed("d"), crashed("e")},
         "c found it malicious and is required, so it cannot be outvoted; 2 of 5 backends found nothing; d (crashed) and e (crashed) gave no whole answer and could have made it malicious."},
        {"DecidedEarly", bars(9'000, 2'000), {malicious("a"), benign("b"), benign("c"), stopped("d")},
         "a found it malicious: weighted score from 0.25 to 0.50, enough for suspicious (0.20 or more), not for malicious (above 0.90); decided early, without waiting for d.",
         {.decided_early = true}},
    };
}

std::vector<Case> benign_cases() {
    return {
        {"All", kAnySettings, {benign("a"), benign("b"), benign("c")},
         "All 3 backends looked at all of it and found nothing."},
        {"Both", kWeightedSettings, {benign("a"), benign("b")},
         "Both backends looked at all of it and found nothing."},
        {"One", kMajoritySettings, {benign("a")}, "a looked at all of it and found nothing."},
        {"SomeAbstain", kAnySettings, {benign("a"), benign("b"), unsupported("url_list")},
         "2 backends looked at all of it and found nothing; url_list abstained."},
        {"MajorityWhateverIsMissing", kMajoritySettings, {benign("a"), benign("b"), crashed("c")},
         "2 of 3 backends looked at all of it and found nothing, which is a majority, whatever c (crashed) would have said."},
        {"MajorityTieOfTheMissing", tie(kMajoritySettings, Verdict::benign), {benign("a"), crashed("b")},
         "1 of 2 backends looked at all of it and found nothing, and a tie counts as benign, whatever b (crashed) would have said."},
        {"WeightedWhateverIsMissing", kWeightedSettings,
         {benign("a"), benign("b"), benign("c"), benign("d"), timed_out("e")},
         "4 of 5 backends looked at all of it and found nothing: weighted score at most 0.20, below 0.25, whatever e (timed out) would have said."},
        {"WeightedDecidedEarly", kWeightedSettings,
         {benign("a"), benign("b"), benign("c"), benign("d"), stopped("e")},
         "4 of 5 backends looked at all of it and found nothing: weighted score at most 0.20, below 0.25; decided early, without waiting for e.",
         {.decided_early = true}},
        {"Outvoted", kMajoritySettings, {benign("a"), benign("b"), benign("c"), benign("d"), malicious("yara")},
         "4 of 5 backends found nothing; only yara found it malicious, which is not a majority."},
        {"OutvotedSeveral", kMajoritySettings,
         {benign("a"), benign("b"), benign("c"), suspicious("d"), malicious("e")},
         "3 of 5 backends found nothing; e found it malicious and d suspicious, which is not a majority."},
        {"OutvotedWhateverIsMissing", kMajoritySettings,
         {benign("a"), benign("b"), benign("c"), malicious("d"), crashed("e")},
         "3 of 5 backends found nothing; only d found it malicious, which is not a majority, whatever e (crashed) would have said."},
        {"OutvotedByATie", tie(kMajoritySettings, Verdict::benign), {benign("a"), malicious("b")},
         "1 of 2 backends found nothing; only b found it malicious; a tie counts as benign."},
        {"OutvotedByWeight", kWeightedSettings,
         {benign("a"), benign("b"), benign("c"), benign("d"), malicious("e")},
         "4 of 5 backends found nothing; only e found it malicious: weighted score 0.20, below 0.25."},
        {"OutvotedByWeightBarely", kWeightedSettings, {heavy(benign("a"), 3), malicious("b", "", 0.9999)},
         "1 of 2 backends found nothing; only b found it malicious: weighted score 0.2499, below 0.25."},
    };
}

std::vector<Case> unknown_cases() {
    return {
        {"Unsupported", kAnySettings, {unsupported("a"), unsupported("b")},
         "Unknown: no backend supports this type (application/x-foo)."},
        {"UnsupportedOrNotAsked", kAnySettings,
         {unsupported("a"), lost("b", Outcome::skipped, Reason::deselected)},
         "Unknown: no backend that was asked supports this type (application/x-foo)."},
        {"NoOpinion", kAnySettings, {unsupported("a"), abstains("b")}, "Unknown: no backend had an opinion."},
        {"NotAsked", kAnySettings, {lost("a", Outcome::skipped, Reason::routed)},
         "Unknown: no backend with a vote was asked."},
        {"NoBackends", kAnySettings, {}, "Unknown: no backend with a vote was asked."},
        {"NoVotes", kAnySettings, {crashed("a"), timed_out("b"), unsupported("c")},
         "Unknown: no backend gave a whole answer: a (crashed) and b (timed out)."},
        {"NoBytes", kAnySettings,
         {lost("a", Outcome::skipped, Reason::no_artifact), lost("b", Outcome::skipped, Reason::no_artifact)},
         "Unknown: the bytes of the artifact could not be had."},
        {"RequiredCrashed", kMajoritySettings, {benign("a"), benign("b"), required(crashed("c"))},
         "Unknown: c is required, but crashed; 2 of 3 backends found nothing."},
        {"RequiredAbstained", kAnySettings, {benign("a"), benign("b"), required(unsupported("c"))},
         "Unknown: c is required, but abstained; both backends found nothing."},
        {"RequiredTwo", kAnySettings, {benign("a"), required(crashed("b")), required(unsupported("c"))},
         "Unknown: b (crashed) and c (abstained) are required; 1 of 2 backends found nothing."},
        {"Example2", kWeightedSettings,
         {malicious("yara", "", 0.6), heavy(benign("clamav"), 2), crashed("vendor_x"), unsupported("url_list")},
         "Unknown: yara found it malicious and clamav did not, but vendor_x crashed and could have changed the verdict."},
        {"MissingBesideBenign", kAnySettings, {benign("a"), benign("b"), timed_out("c")},
         "Unknown: a and b found nothing, but c timed out and could have changed the verdict."},
        {"MissingBesideAccuser", kMajoritySettings, {malicious("a"), crashed("b"), crashed("c")},
         "Unknown: a found it malicious, but b (crashed) and c (crashed) gave no whole answer and could have changed the verdict."},
        {"HalfSeen", kAnySettings, {benign("a"), partial(abstains("b"))},
         "Unknown: a found nothing, but b saw only part of it and could have changed the verdict."},
        {"ManyNames", kAnySettings,
         {benign("a"), benign("b"), benign("c"), benign("d"), benign("e"), benign("f"), benign("g"), crashed("h")},
         "Unknown: a, b, c and 4 more found nothing, but h crashed and could have changed the verdict."},
        {"StoppedEarlyThenReplayed", kAnySettings, {benign("a"), stopped("b")},
         "Unknown: a found nothing, but b was not asked and could have changed the verdict."},
        {"Quorum", quorum(kAnySettings, 3), {benign("a"), benign("b"), abstains("c")},
         "Unknown: only 2 backends found it benign, and 3 are needed."},
        {"QuorumBesideAccuser", quorum(kMajoritySettings, 3), {benign("a"), benign("b"), malicious("c")},
         "Unknown: only 2 backends found it benign, and 3 are needed; c found it malicious."},
        {"QuorumOfNone", bars(9'000, 6'000), {suspicious("a")},
         "Unknown: no backend found it benign, and 1 is needed; a found it suspicious."},
    };
}

std::vector<Case> override_cases() {
    const Override allow{.kind = Override::Kind::allow_list, .place = "lists/allow.sha256:12"};
    const Override block{.kind = Override::Kind::block_list, .place = "lists/block.sha256:3"};
    return {
        {"Allowed", kAnySettings, {malicious("a"), malicious("b"), benign("c")},
         "Benign: allowed by lists/allow.sha256:12; 2 of 3 backends found it malicious.", {.listed = allow}},
        {"Blocked", kAnySettings, {benign("a"), benign("b"), benign("c")},
         "Malicious: blocked by lists/block.sha256:3; all 3 backends found nothing.", {.listed = block}},
        {"BlockedMixed", kAnySettings, {malicious("a"), suspicious("b")},
         "Malicious: blocked by lists/block.sha256:3; both backends found it malicious or suspicious.",
         {.listed = block}},
        {"ListedAndNotScanned", kAnySettings, {stopped("a"), stopped("b")},
         "Malicious: blocked by lists/block.sha256:3; it was not scanned.", {.listed = block}},
        {"ListedAndNobodySpoke", kAnySettings, {crashed("a"), abstains("b")},
         "Benign: allowed by lists/allow.sha256:12; no backend gave a whole answer.", {.listed = allow}},
        {"Veto", kMajoritySettings, {benign("a"), benign("b"), with_veto(malicious("c", "C"))},
         R"(c found it malicious (C) and has a veto; by "majority" alone it would be benign.)"},
        {"VetoOfOneMind", kAnySettings, {benign("a"), with_veto(malicious("b"))},
         "b found it malicious and has a veto."},
        {"VetoOfTwo", kWeightedSettings, {benign("a"), benign("d"), with_veto(malicious("b", "B")), with_veto(malicious("c"))},
         R"(b: B and c found it malicious and have a veto; by "weighted" alone it would be suspicious.)"},
        {"Observer", kAnySettings, {benign("a"), heavy(malicious("new"), 0)},
         "a looked at all of it and found nothing; observer new found it malicious, which does not count."},
        {"Observers", kAnySettings, {benign("a"), heavy(suspicious("n"), 0), heavy(suspicious("o"), 0)},
         "a looked at all of it and found nothing; observers n and o found it suspicious, which does not count."},
        {"ObserverWhoAgrees", kAnySettings, {malicious("a"), heavy(malicious("new"), 0)},
         R"(1 of 1 backend found it malicious (a); with "any" one is enough.)"},
        {"OutsideTextIsEscaped", kAnySettings, {malicious("a", "Evil\x1b[2J\n")},
         R"(1 of 1 backend found it malicious (a: Evil\x1b[2J\x0a); with "any" one is enough.)"},
    };
}

// clang-format on

void PrintTo(const Case& wanted, std::ostream* out) { *out << wanted.name; }

class Explains : public ::testing::TestWithParam<Case> {};

TEST_P(Explains, InOneSentence) {
    const Case& wanted = GetParam();
    const core::Combined combined = combine(wanted.settings, wanted.rows, wanted.context);
    EXPECT_EQ(explain(combined, wanted.rows, "application/x-foo"), wanted.sentence);
}

std::string name_of(const ::testing::TestParamInfo<Case>& each) { return each.param.name; }
INSTANTIATE_TEST_SUITE_P(Malicious, Explains, ::testing::ValuesIn(malicious_cases()), name_of);
INSTANTIATE_TEST_SUITE_P(Suspicious, Explains, ::testing::ValuesIn(suspicious_cases()), name_of);
INSTANTIATE_TEST_SUITE_P(Benign, Explains, ::testing::ValuesIn(benign_cases()), name_of);
INSTANTIATE_TEST_SUITE_P(Unknown, Explains, ::testing::ValuesIn(unknown_cases()), name_of);
INSTANTIATE_TEST_SUITE_P(Override, Explains, ::testing::ValuesIn(override_cases()), name_of);

TEST(Explain, EveryReasonForAMissingVoteHasWords) {
    const std::vector<std::pair<core::ScanResult, std::string>> table{
        {lost("x", Outcome::timed_out, Reason::deadline), "x timed out"},
        {lost("x", Outcome::crashed, Reason::memory_limit), "x ran out of memory"},
        {lost("x", Outcome::crashed, Reason::poison), "x was not asked again after a crash"},
        {lost("x", Outcome::failed, Reason::plugin_error), "x failed"},
        {lost("x", Outcome::failed, Reason::out_of_memory), "x ran out of memory"},
        {lost("x", Outcome::skipped, Reason::too_big), "x does not take artifacts this big"},
        {lost("x", Outcome::skipped, Reason::no_artifact), "x got no bytes"},
        {lost("x", Outcome::skipped, Reason::no_time), "x had no time left"},
        {lost("x", Outcome::skipped, Reason::overloaded), "x was overloaded"},
        {lost("x", Outcome::skipped, Reason::not_ready), "x was not ready"},
        {lost("x", Outcome::skipped, Reason::breaker_open), "x was out of service"},
        {lost("x", Outcome::skipped, Reason::cancelled), "x was cancelled"},
    };
    for (const auto& [missing, words] : table) {
        const Rows rows{benign("a"), missing};
        EXPECT_EQ(explain(combine(kAnySettings, rows), rows, ""),
                  "Unknown: a found nothing, but " + words + " and could have changed the verdict.");
    }
}

TEST(Explain, AUrlIsATypeLikeAnother) {
    const Rows rows{unsupported("a")};
    EXPECT_EQ(explain(combine(kAnySettings, rows), rows, "url"),
              "Unknown: no backend supports this type (url).");
    EXPECT_EQ(explain(combine(kAnySettings, rows), rows, ""), "Unknown: no backend supports this type.");
}

}   // namespace
}   // namespace microengine::combine
