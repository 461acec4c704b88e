// SPDX-License-Identifier: MIT
#include "host/plugin/scan_outcome.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>

namespace microengine::plugin {
namespace {

using core::Outcome;
using core::Partial;
using core::Reason;
using core::Verdict;

/// One scan() of a plugin that answered so.
struct Answer {
    me_status status = ME_OK;
    std::int32_t verdict = ME_BENIGN;
    std::uint32_t flags = 0;
    std::uint32_t confidence = ME_CONFIDENCE_UNSET;
    std::vector<Verdict> found = {};
    Reason cancelled = Reason::none;
    bool truncated = false;
    std::uint64_t deadline = 0, backend_deadline = 0;
};

core::ScanResult judged(const Answer& answer) {
    core::Artifact artifact;
    artifact.truncated = answer.truncated;
    const CancelWord cancel{answer.cancelled};
    const ScanRequest request{.artifact = &artifact,
                              .deadline = core::Deadline(answer.deadline),
                              .backend_deadline = core::Deadline(answer.backend_deadline),
                              .cancel = &cancel};
    core::ScanResult out;
    for (const Verdict verdict : answer.found) out.detections.emplace_back().verdict = verdict;
    me_result result{};
    result.verdict = answer.verdict;
    result.flags = answer.flags;
    result.confidence = answer.confidence;
    judge_answer(request, CallRecord{}, answer.status, result, out);
    return out;
}

TEST(JudgeAnswer, AnAnswerIsTaken) {
    const auto row = judged({.verdict = ME_MALICIOUS, .confidence = 7000});
    EXPECT_EQ(row.outcome, Outcome::completed);
    EXPECT_EQ(row.verdict, Verdict::malicious);
    EXPECT_EQ(row.confidence, 7000U);
}

TEST(JudgeAnswer, PartialBenignIsUnknown) {
    const auto row = judged(
        {.flags = ME_RESULT_PARTIAL | ME_RESULT_TRUSTED | ME_RESULT_PARTIAL_BECAUSE(ME_PARTIAL_ENCRYPTED)});
    EXPECT_EQ(row.verdict, Verdict::unknown);
    EXPECT_EQ(row.partial, Partial::encrypted);
    EXPECT_FALSE(row.trusted);
}

TEST(JudgeAnswer, PartialReasonsOfALaterMinorAreOther) {
    EXPECT_EQ(judged({.flags = ME_RESULT_PARTIAL_BECAUSE(200)}).partial, Partial::other);
}

TEST(JudgeAnswer, AReasonWithoutThePartialFlagIsPartialToo) {
    const auto row = judged({.flags = std::uint32_t{ME_PARTIAL_ENCRYPTED} << 8});
    EXPECT_EQ(row.partial, Partial::encrypted);
    EXPECT_EQ(row.verdict, Verdict::unknown);
}

TEST(JudgeAnswer, UnsupportedAfterADetectionIsNoAbstention) {
    const auto row = judged({.status = ME_E_UNSUPPORTED, .found = {Verdict::malicious}});
    EXPECT_EQ(row.outcome, Outcome::failed);
    EXPECT_EQ(row.verdict, Verdict::malicious);
    EXPECT_EQ(judged({.status = ME_E_UNSUPPORTED}).outcome, Outcome::unsupported);
}

TEST(JudgeAnswer, ATruncatedArtifactMakesEveryAnswerPartial) {
    const auto row = judged({.truncated = true});
    EXPECT_EQ(row.partial, Partial::truncated);
    EXPECT_EQ(row.verdict, Verdict::unknown);
}

TEST(JudgeAnswer, OwnLimitIsAPartialAnswer) {
    EXPECT_EQ(judged({.status = ME_E_LIMIT}).verdict, Verdict::unknown);
    EXPECT_EQ(judged({.status = ME_E_LIMIT, .verdict = ME_MALICIOUS}).verdict, Verdict::malicious);
    EXPECT_TRUE(judged({.status = ME_E_LIMIT}).partial.has_value());
}

TEST(JudgeAnswer, AResultWeakerThanItsDetectionIsRaised) {
    EXPECT_EQ(judged({.verdict = ME_BENIGN, .found = {Verdict::suspicious}}).verdict, Verdict::suspicious);
    EXPECT_EQ(judged({.verdict = ME_BENIGN, .found = {Verdict::unknown}}).verdict, Verdict::benign)
        << "information";
}

TEST(JudgeAnswer, WhatWasFoundBeforeAFailureStands) {
    for (const me_status status : {ME_E_FAILED, ME_E_DEADLINE, ME_E_NO_MEMORY, -4711}) {
        const auto row = judged({.status = status, .found = {Verdict::malicious}});
        EXPECT_NE(row.outcome, Outcome::completed) << status;
        EXPECT_EQ(row.verdict, Verdict::malicious) << status;
    }
}

TEST(JudgeAnswer, AFailureIsNeverBenign) {
    for (const me_status status :
         {ME_E_FAILED, ME_E_NO_MEMORY, ME_E_SETTINGS, ME_E_UNSUPPORTED, ME_E_CANCELLED, ME_E_DEADLINE,
          ME_E_NOT_FOUND, ME_E_TYPE, ME_E_INVALID, ME_E_FATAL, -4711, 1, 27}) {
        const auto row = judged({.status = status, .verdict = ME_BENIGN});
        EXPECT_NE(row.outcome, Outcome::completed) << status;
        EXPECT_EQ(row.verdict, Verdict::unknown) << status;
    }
}

TEST(JudgeAnswer, CancelledOnlyCountsIfWeCancelled) {
    EXPECT_EQ(judged({.status = ME_E_CANCELLED}).outcome, Outcome::failed);
    const auto row = judged({.status = ME_E_CANCELLED, .cancelled = Reason::decided});
    EXPECT_EQ(row.outcome, Outcome::skipped);
    EXPECT_EQ(row.reason, Reason::decided);
}

TEST(JudgeAnswer, ATimeoutSaysWhose) {
    EXPECT_EQ(judged({.status = ME_E_DEADLINE, .deadline = 100, .backend_deadline = 50}).reason,
              Reason::timeout);
    EXPECT_EQ(judged({.status = ME_E_DEADLINE, .deadline = 50, .backend_deadline = 100}).reason,
              Reason::deadline);
    EXPECT_EQ(judged({.status = ME_E_DEADLINE}).reason, Reason::timeout);
}

TEST(JudgeAnswer, NonsenseIsAFailure) {
    for (const Answer& answer : {Answer{.verdict = 4}, Answer{.verdict = -1}, Answer{.confidence = 10'001}}) {
        const auto row = judged(answer);
        EXPECT_EQ(row.outcome, Outcome::failed);
        EXPECT_EQ(row.reason, Reason::bad_result);
        EXPECT_EQ(row.verdict, Verdict::unknown);
        EXPECT_FALSE(row.message.empty());
    }
}

}   // namespace
}   // namespace microengine::plugin
