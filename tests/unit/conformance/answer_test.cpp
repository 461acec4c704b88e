// SPDX-License-Identifier: MIT
#include "host/conformance/answer.hpp"

#include <gmock/gmock.h>

#include <utility>

namespace microengine::conformance {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Answer good() {
    Answer answer;
    answer.result.verdict = ME_BENIGN;
    answer.result.confidence = ME_CONFIDENCE_UNSET;
    answer.judged.outcome = core::Outcome::completed;
    answer.judged.verdict = core::Verdict::benign;
    return answer;
}

core::Detection named(std::string name) {
    core::Detection detection;
    detection.name = std::move(name);
    return detection;
}

std::vector<std::string> reasons(const Answer& answer) {
    std::vector<std::string> all;
    for (const Finding& one : faults_of(answer)) all.push_back((one.error ? "" : "warning: ") + one.reason);
    return all;
}

TEST(Answer, ACompleteBenignOneHasNoFault) { EXPECT_THAT(reasons(good()), IsEmpty()); }

TEST(Answer, AFailureWithoutAReasonIsAFault) {
    Answer answer = good();
    answer.status = ME_E_FAILED;
    answer.result.verdict = ME_UNKNOWN;
    EXPECT_THAT(reasons(answer), ElementsAre("it failed with status -1 and gave no reason"));
    answer.fail_text = "no memory";
    EXPECT_THAT(reasons(answer), IsEmpty());
}

TEST(Answer, AFailureThatLeavesTheVerdictBenignIsWarnedOf) {
    Answer answer = good();
    answer.status = ME_E_FAILED;
    answer.fail_text = "broken";
    EXPECT_THAT(reasons(answer), ElementsAre(HasSubstr("warning: it failed and left the verdict benign")));
}

TEST(Answer, AnAbstentionAndADeadlineNeedNoReason) {
    for (const me_status status : {ME_E_UNSUPPORTED, ME_E_DEADLINE}) {
        Answer answer = good();
        answer.status = status;
        answer.result.verdict = ME_UNKNOWN;
        EXPECT_THAT(reasons(answer), IsEmpty()) << status;
    }
}

TEST(Answer, UnknownStatusesAreFaults) {
    for (const me_status status : {1, ME_E_FATAL - 1}) {
        Answer answer = good();
        answer.status = status;
        answer.fail_text = "why";
        answer.result.verdict = ME_UNKNOWN;
        EXPECT_THAT(reasons(answer), ElementsAre(HasSubstr("which this ABI does not know"))) << status;
    }
}

TEST(Answer, FlagsOfNoMeaningAreFaults) {
    Answer answer = good();
    answer.result.flags = 0x80000000U;
    EXPECT_THAT(reasons(answer), ElementsAre(HasSubstr("flags that this ABI does not know")));
    answer.result.flags = ME_RESULT_PARTIAL_BECAUSE(ME_PARTIAL_TRUNCATED + 1);
    EXPECT_THAT(reasons(answer), ElementsAre(HasSubstr("partial for a reason")));
    answer.result.flags = ME_RESULT_PARTIAL_BECAUSE(ME_PARTIAL_CORRUPT) & ~ME_RESULT_PARTIAL;
    EXPECT_THAT(reasons(answer), ElementsAre(HasSubstr("but not that it is")));
    answer.result.flags = ME_RESULT_PARTIAL_BECAUSE(ME_PARTIAL_CORRUPT);
    EXPECT_THAT(reasons(answer), IsEmpty());
    answer.result.flags = ME_RESULT_TRUSTED | ME_RESULT_PARTIAL;
    EXPECT_THAT(reasons(answer), ElementsAre(HasSubstr("trusted, but not a complete benign one")));
}

TEST(Answer, AVerdictWeakerThanADetectionIsAFault) {
    Answer answer = good();
    answer.judged.detections.push_back(named("Evil"));
    EXPECT_THAT(reasons(answer), ElementsAre(HasSubstr("weaker than its strongest detection, malicious")));
    answer.result.verdict = ME_MALICIOUS;
    EXPECT_THAT(reasons(answer), IsEmpty());
}

TEST(Answer, FingerprintsDifferInWhatIsAResult) {
    core::ScanResult one;
    one.detections.push_back(named("Evil"));
    core::ScanResult other = one;
    other.duration_ns = 5;
    other.message = "slow";
    EXPECT_EQ(fingerprint(one), fingerprint(other));
    other.detections.front().offset = 1;
    EXPECT_NE(fingerprint(one), fingerprint(other));
    other = one;
    other.partial = core::Partial::other;
    EXPECT_NE(fingerprint(one), fingerprint(other));
}

TEST(Answer, IsToldInFewWords) {
    Answer answer = good();
    EXPECT_EQ(told(answer), "benign");
    answer.judged.verdict = core::Verdict::malicious;
    answer.judged.detections = {named("Ev\x1b"
                                      "il"),
                                named("Other")};
    EXPECT_EQ(told(answer), "malicious: Ev\\x1bil and 1 more");
    answer.judged = {};
    answer.judged.outcome = core::Outcome::failed;
    answer.judged.message = "broken";
    EXPECT_EQ(told(answer), "failed: broken");
}

}   // namespace
}   // namespace microengine::conformance
