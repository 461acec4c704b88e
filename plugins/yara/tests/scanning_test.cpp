// SPDX-License-Identifier: MIT
// What the backend says of artifacts.

#include "plugins/yara/tests/folder.hpp"
#include "tests/support/plugin_harness.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

namespace microengine::yara {
namespace {

using support::Harness;
using support::Seen;
using testing::ElementsAre;
using testing::HasSubstr;

struct YaraScanning : testing::Test {
    Harness& with(const std::string& rules) {
        return harness.set("rules", folder.write("r.yar", rules)).set("cache_dir", std::string("off"));
    }
    Folder folder;
    Harness harness{PLUGIN_FILE};
};

TEST_F(YaraScanning, AMatchBecomesADetectionWithAllThatTheRuleSays) {
    with(rule("Evil_Thing", "evil", "tag_one tag_two",
              "author = \"me \\\"q\\\"\" family = \"Evil\" score = 90 confidence = \"75\" other = true "
              "description = \"bad\""));
    const Seen seen = harness.scan("an evil, evil thing");
    EXPECT_EQ(seen.status, ME_OK);
    EXPECT_EQ(seen.verdict, ME_MALICIOUS);
    EXPECT_EQ(seen.confidence, 7500U);
    ASSERT_EQ(seen.detections.size(), 1U);
    const auto& detection = seen.detections[0];
    EXPECT_EQ(detection.name, "Evil_Thing");
    EXPECT_EQ(detection.name_space, "r.yar");
    EXPECT_EQ(detection.family, "Evil");
    EXPECT_THAT(detection.tags, ElementsAre("tag_one", "tag_two"));
    EXPECT_EQ(detection.confidence, 7500U);
    EXPECT_EQ(detection.offset, 3U);
    EXPECT_EQ(detection.length, 4U);
    EXPECT_EQ(detection.detail, R"({"description":"bad","author":"me \"q\"","score":90,"family":"Evil",)"
                                R"("confidence":"75","other":true,"matched_string":"$a"})");
}

TEST_F(YaraScanning, MetadataIsBounded) {
    std::string meta;
    for (int i = 0; i < 40; ++i) meta += "key" + std::to_string(i) + " = \"" + std::string(600, 'x') + "\" ";
    const Seen seen = with(rule("r", "evil", "", meta)).scan("evil");
    ASSERT_EQ(seen.detections.size(), 1U);
    const std::string& detail = seen.detections[0].detail;
    EXPECT_THAT(detail, HasSubstr("\"key15\":\"" + std::string(512, 'x') + "\""));
    EXPECT_EQ(detail.find("key16"), std::string::npos);
}

TEST_F(YaraScanning, NoMatchIsBenignOrAnAbstentionAsConfigured) {
    EXPECT_EQ(with(rule("r", "evil")).scan("good").verdict, ME_BENIGN);
    EXPECT_EQ(harness.scan("").verdict, ME_BENIGN);
    Harness other(PLUGIN_FILE);
    other.set("rules", folder.at("r.yar")).set("on_no_match", std::string("unknown"));
    other.set("cache_dir", std::string("off"));
    EXPECT_EQ(other.scan("good").verdict, ME_UNKNOWN);
}

struct Meaning {
    const char* name;
    const char* tags;
    const char* meta;
    std::int32_t verdict;
};
struct YaraMeaning : YaraScanning, testing::WithParamInterface<Meaning> {};

TEST_P(YaraMeaning, IsWhatTagsAndMetadataSay) {
    with(rule("r", "evil", GetParam().tags, GetParam().meta));
    harness.set("suspicious_meta", {std::string("severity=low"), std::string("score<60")});
    harness.set("information_tags", std::string("packer"));
    const Seen seen = harness.scan("evil");
    ASSERT_EQ(seen.detections.size(), 1U);
    EXPECT_EQ(seen.detections[0].verdict, GetParam().verdict);
    EXPECT_EQ(seen.verdict, GetParam().verdict == ME_UNKNOWN ? ME_BENIGN : GetParam().verdict);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, YaraMeaning,
    testing::Values(Meaning{"SayingNothing_IsMalicious", "", "", ME_MALICIOUS},
                    Meaning{"ASuspiciousTag_IsSuspicious", "Suspicious", "", ME_SUSPICIOUS},
                    Meaning{"AnotherTag_IsMalicious", "trojan", "", ME_MALICIOUS},
                    Meaning{"LowSeverity_IsSuspicious", "", "severity = \"Low\"", ME_SUSPICIOUS},
                    Meaning{"HighSeverity_IsMalicious", "", "severity = \"high\"", ME_MALICIOUS},
                    Meaning{"ALowScore_IsSuspicious", "", "score = 59", ME_SUSPICIOUS},
                    Meaning{"ALowScoreAsText_IsSuspicious", "", "score = \"59\"", ME_SUSPICIOUS},
                    Meaning{"AHighScore_IsMalicious", "", "score = 60", ME_MALICIOUS},
                    Meaning{"AnInformationTag_IsNoVerdict", "packer", "", ME_UNKNOWN},
                    Meaning{"Information_GoesBeforeSuspicion", "packer suspicious", "", ME_UNKNOWN}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(YaraScanning, ASureMaliciousRuleDecidesTheConfidence) {
    with(rule("weak", "evil", "suspicious", "confidence = 99") +
         rule("sure", "evil", "", "confidence = 80 score = 10") +
         rule("less_sure", "evil", "", "confidence = 70"));
    EXPECT_EQ(harness.scan("evil").confidence, 8000U);
}

TEST_F(YaraScanning, AScoreIsNoConfidence) {
    for (const char* meta : {"score = 75", "score = 75 confidence = 101", "confidence = \"high\""}) {
        Harness one(PLUGIN_FILE);
        one.set("rules", folder.write("r.yar", rule("r", "evil", "", meta)));
        one.set("cache_dir", std::string("off"));
        EXPECT_EQ(one.scan("evil").confidence, ME_CONFIDENCE_UNSET) << meta;
    }
}

TEST_F(YaraScanning, OneMaliciousMatchIsEnoughUnlessAllAreWanted) {
    with(rule("s", "evil", "suspicious") + rule("m1", "evil") + rule("m2", "evil"));
    EXPECT_EQ(harness.scan("evil").detections.size(), 3U);
    harness.request_flags = 0;
    const Seen seen = harness.scan("evil");
    EXPECT_EQ(seen.verdict, ME_MALICIOUS);
    EXPECT_EQ(seen.detections.size(), 2U);
}

TEST_F(YaraScanning, AFullReportDoesNotLowerTheVerdict) {
    with(rule("s1", "evil", "suspicious") + rule("s2", "evil", "suspicious") + rule("m", "evil"));
    harness.most_detections = 1;
    const Seen seen = harness.scan("evil");
    EXPECT_EQ(seen.verdict, ME_MALICIOUS);
    EXPECT_EQ(seen.detections.size(), 1U);
}

TEST_F(YaraScanning, TheEntryPointOfOneArtifactIsNotTheNextOnes) {
    with("rule r { condition: entrypoint >= 0 }");
    // A 64-bit ELF header with one loadable segment that holds the entry point.
    std::string elf(120, '\0');
    const auto put = [&elf](std::size_t at, std::string_view bytes) { elf.replace(at, bytes.size(), bytes); };
    using namespace std::string_view_literals;
    put(0,
        "\x7f"
        "ELF\2\1\1"sv);
    put(16, "\2\0\x3e\0\1\0\0\0"sv);
    put(24, "\x10"sv);               // entry point
    put(32, "\x40"sv);               // program headers at 64
    put(52, "\x40\0\x38\0\1\0"sv);   // sizes and count
    put(64, "\1\0\0\0\5\0\0\0"sv);   // PT_LOAD
    put(96, "\x78\0\0\0\0\0\0\0\x78"sv);
    ASSERT_EQ(harness.scan(elf).verdict, ME_MALICIOUS);
    EXPECT_EQ(harness.scan("MZ, but no program").verdict, ME_BENIGN);
}

TEST_F(YaraScanning, TooManyMatchesOfAStringAreSaid) {
    with("rule r { strings: $a = \"aa\" condition: #a > 2000000 }");
    const Seen seen = harness.scan(std::string(1'100'000, 'a'));
    EXPECT_EQ(seen.status, ME_OK);
    EXPECT_TRUE(seen.partial());
    EXPECT_EQ(seen.why_partial(), ME_PARTIAL_TOO_MANY);
    EXPECT_THAT(seen.log, ElementsAre(HasSubstr("rule r.yar:r: string $a matches more than 1000000 times")));
    EXPECT_FALSE(harness.scan("aaaa").partial());
}

/// Takes for ever, in effect.
constexpr const char* kSlow =
    "rule slow { condition: for all i in (0..1000000000) : (uint8(i % filesize) >= 0) }";

std::uint64_t now_ns() {
    return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

TEST_F(YaraScanning, TheDeadlineEndsAScan) {
    with(kSlow + rule("r", "evil"));
    harness.deadline_ns = now_ns() + 20'000'000;
    EXPECT_EQ(harness.scan("evil").status, ME_E_DEADLINE);
    harness.deadline_ns = 1;
    const Seen late = harness.scan("evil");
    EXPECT_EQ(late.status, ME_E_DEADLINE);
    EXPECT_EQ(late.verdict, ME_UNKNOWN);
}

TEST_F(YaraScanning, CancelEndsTheRunningScanAndNoOther) {
    with(kSlow + rule("r", "evil") + "rule quick { strings: $a = \"evil\" condition: $a and filesize == 5 }");
    ASSERT_EQ(harness.open().status, ME_OK);
    ASSERT_EQ(harness.open_scanner().status, ME_OK);
    const auto* table = static_cast<const me_ext_cancel*>(harness.table().extension(ME_EXT_CANCEL));
    ASSERT_NE(table, nullptr);
    std::atomic<bool> ended = false;
    std::jthread canceller([&] {
        while (!ended) table->cancel(harness.scanner());
    });
    const Seen seen = harness.scan("evil");
    ended = true;
    canceller.join();
    EXPECT_EQ(seen.status, ME_E_CANCELLED);
    EXPECT_EQ(seen.verdict, ME_UNKNOWN);
}

TEST_F(YaraScanning, CancelWithoutAScanHasNoEffect) {
    with(rule("r", "evil"));
    ASSERT_EQ(harness.scan("good").verdict, ME_BENIGN);
    const auto* table = static_cast<const me_ext_cancel*>(harness.table().extension(ME_EXT_CANCEL));
    table->cancel(harness.scanner());
    EXPECT_EQ(harness.scan(std::string(100'000, 'x') + "evil").verdict, ME_MALICIOUS);
}

TEST_F(YaraScanning, CancelsAtAnyMomentNeverMakeAWrongAnswer) {
    with(rule("r", "evil"));
    ASSERT_EQ(harness.scan("evil").verdict, ME_MALICIOUS);
    const auto* table = static_cast<const me_ext_cancel*>(harness.table().extension(ME_EXT_CANCEL));
    std::atomic<bool> ended = false;
    std::jthread canceller([&] {
        while (!ended) table->cancel(harness.scanner());
    });
    const std::string artifact = std::string(20'000, 'x') + "evil";
    for (int i = 0; i < 1000; ++i) {
        const Seen seen = harness.scan(artifact);
        const std::int32_t expected = seen.status == ME_OK ? ME_MALICIOUS : ME_UNKNOWN;
        EXPECT_TRUE(seen.status == ME_OK || seen.status == ME_E_CANCELLED) << seen.fail_text;
        EXPECT_EQ(seen.verdict, expected);
    }
    ended = true;
}

TEST_F(YaraScanning, AHostThatStopsGetsNoVerdict) {
    with(rule("r", "evil"));
    ASSERT_EQ(harness.scan("evil").verdict, ME_MALICIOUS);
    harness.stop_status = ME_E_CANCELLED;
    const Seen seen = harness.scan("evil");
    EXPECT_EQ(seen.status, ME_E_CANCELLED);
    EXPECT_EQ(seen.verdict, ME_UNKNOWN);
}

TEST_F(YaraScanning, WhatCannotBeEvaluatedIsAnErrorNotBenign) {
    // Deeper than the smallest stack.
    std::string sum = "1";
    for (int i = 0; i < 3000; ++i) sum = "1+(" + sum + ")";
    // Only an artifact with that text gets there: while it opens, nothing of it is seen.
    std::string flat = "rule deep { strings: $d = \"deep\" condition: $d and " + sum + " > 0 }";
    with(rule("r", "evil") + flat).set("stack_size", std::int64_t{1024});
    const Seen opened = harness.open();
    if (opened.status != ME_OK || harness.signatures()->count != 2)
        GTEST_SKIP() << "this libyara refuses the rule";
    EXPECT_EQ(harness.scan("good").verdict, ME_BENIGN);
    const Seen seen = harness.scan("deep");
    EXPECT_EQ(seen.status, ME_E_FAILED);
    EXPECT_THAT(seen.fail_text, HasSubstr("stack_size"));
    EXPECT_EQ(seen.verdict, ME_UNKNOWN);
}

}   // namespace
}   // namespace microengine::yara
