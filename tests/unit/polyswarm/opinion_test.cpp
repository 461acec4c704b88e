// SPDX-License-Identifier: MIT
#include "host/frontends/polyswarm/opinion.hpp"

#include "opinion_support.hpp"
#include "tests/support/fake_backend.hpp"

#include <gmock/gmock.h>

#include <functional>

namespace microengine::polyswarm {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

bounty::Reply reply_to(std::vector<core::ScanResult> rows, core::CombinerSettings settings = {}) {
    return opinion_of(report_of(std::move(rows), settings), true).reply;
}

struct CommentRow {
    std::string_view why;
    std::vector<core::ScanResult> rows;
    Verdict verdict;
    std::string_view comment;   // empty: none
};

TEST(OpinionTest, StandardComments) {
    using core::Partial;
    const auto benign = [](std::string name) {
        return row(std::move(name), Outcome::completed, Verdict::benign);
    };
    const auto silent = [](std::string name) { return row(std::move(name), Outcome::completed); };
    const auto failed = [](Outcome outcome) { return row("a", outcome); };
    const CommentRow rows[] = {
        {"all unsupported", {failed(Outcome::unsupported)}, Verdict::unknown, bounty::kTypeUnsupported},
        {"unsupported by those it was given to",
         {failed(Outcome::unsupported), skipped("b", Reason::routed)},
         Verdict::unknown,
         bounty::kTypeUnsupported},
        {"one took it", {failed(Outcome::unsupported), silent("b")}, Verdict::unknown, ""},
        {"one took it and failed",
         {failed(Outcome::unsupported), row("b", Outcome::crashed)},
         Verdict::unknown,
         ""},
        {"encrypted", {partly("a", Partial::encrypted)}, Verdict::unknown, bounty::kEncrypted},
        {"encrypted, and still malicious",
         {partly("a", Partial::encrypted), detecting("b", "X", "X")},
         Verdict::malicious,
         ""},
        {"a bomb",
         {partly("a", Partial::decompression_unsafe, Verdict::suspicious)},
         Verdict::suspicious,
         bounty::kDecompressionUnsafe},
        {"a bomb that says nothing", {partly("a", Partial::decompression_unsafe)}, Verdict::unknown, ""},
        {"suspicious of something else",
         {row("a", Outcome::completed, Verdict::suspicious)},
         Verdict::suspicious,
         ""},
        {"in time neither", {failed(Outcome::timed_out)}, Verdict::unknown, bounty::kSkipped},
        {"the deadline", {skipped("a", Reason::no_time)}, Verdict::unknown, bounty::kSkipped},
        {"too much to do", {skipped("a", Reason::overloaded)}, Verdict::unknown, bounty::kSkipped},
        {"the end", {skipped("a", Reason::cancelled)}, Verdict::unknown, bounty::kSkipped},
        {"its bytes were not to be had",
         {skipped("a", Reason::no_artifact)},
         Verdict::unknown,
         bounty::kCannotFetch},
        {"abstained, and one was not to be asked",
         {silent("a"), skipped("b", Reason::routed)},
         Verdict::unknown,
         ""},
        {"out of service", {skipped("a", Reason::breaker_open)}, Verdict::unknown, ""},
        {"failed", {failed(Outcome::failed)}, Verdict::unknown, ""},
        {"crashed", {failed(Outcome::crashed)}, Verdict::unknown, ""},
        {"benign", {benign("a")}, Verdict::benign, ""},
        {"malicious", {detecting("a", "X", "X")}, Verdict::malicious, ""},
        {"nobody was asked", {}, Verdict::unknown, ""},
    };
    for (const CommentRow& one : rows) {
        const bounty::Reply reply = reply_to(one.rows);
        EXPECT_EQ(reply.verdict, one.verdict) << one.why;
        const std::string comment = reply.comments.empty() ? "" : reply.comments.front();
        EXPECT_EQ(comment, one.comment) << one.why;
        EXPECT_LE(reply.comments.size(), 1) << one.why;
    }
}

TEST(OpinionTest, OneThatIsLate_MakesNoCommentOnAVerdict) {
    core::CombinerSettings majority;
    majority.strategy = core::Strategy::majority;
    const bounty::Reply reply =
        reply_to({row("a", Outcome::timed_out), row("b", Outcome::completed, Verdict::benign),
                  row("c", Outcome::completed, Verdict::benign)},
                 majority);
    EXPECT_EQ(reply.verdict, Verdict::benign);
    EXPECT_THAT(reply.comments, IsEmpty());
}

TEST(OpinionTest, NothingThatFailedIsBenign) {
    const Verdict verdicts[] = {Verdict::unknown, Verdict::benign, Verdict::suspicious, Verdict::malicious};
    const Outcome failures[] = {Outcome::unsupported, Outcome::timed_out, Outcome::crashed, Outcome::failed,
                                Outcome::skipped};
    for (const auto strategy : {core::Strategy::any, core::Strategy::majority, core::Strategy::weighted})
        for (const Outcome first : failures)
            for (const Outcome second : failures)
                for (const Verdict said : verdicts) {
                    core::CombinerSettings settings;
                    settings.strategy = strategy;
                    const bounty::Reply reply =
                        reply_to({row("a", first, said), row("b", second, said)}, settings);
                    EXPECT_NE(reply.verdict, Verdict::benign) << to_text(first) << " " << to_text(second);
                }
}

TEST(OpinionTest, FamilyAndConfidenceComeFromTheSideThatWon) {
    core::ScanResult informs = row("info", Outcome::completed, Verdict::benign, 9'500);
    core::Detection packer;
    packer.name = "UPX";
    packer.family = "Packer";
    packer.verdict = Verdict::unknown;
    informs.detections.push_back(packer);
    const bounty::Reply malicious = reply_to(
        {informs, detecting("weak", "W.1", "Weak", 3'000), detecting("strong", "S.1", "Strong", 8'000)});
    EXPECT_EQ(malicious.verdict, Verdict::malicious);
    EXPECT_EQ(malicious.malware_family, "Strong");
    ASSERT_TRUE(malicious.confidence);
    EXPECT_LE(*malicious.confidence, 800'000);   // not that of who said benign

    core::CombinerSettings majority;
    majority.strategy = core::Strategy::majority;
    const bounty::Reply benign = reply_to(
        {detecting("alone", "A.1", "Alone", 10'000), row("b", Outcome::completed, Verdict::benign, 6'000),
         row("c", Outcome::completed, Verdict::benign, 6'000)},
        majority);
    EXPECT_EQ(benign.verdict, Verdict::benign);
    EXPECT_EQ(benign.malware_family, "");
    EXPECT_EQ(benign.confidence, 400'000);   // of two, over three voters: the third adds nothing
}

TEST(OpinionTest, WithoutAFamily_TheDetectionsNameIsIt) {
    EXPECT_EQ(reply_to({detecting("a", "Win.Test", "")}).malware_family, "Win.Test");
    EXPECT_EQ(reply_to({row("a", Outcome::completed, Verdict::malicious)}).malware_family, "");
    EXPECT_EQ(reply_to({row("a", Outcome::completed, Verdict::suspicious)}).malware_family, "");
}

TEST(OpinionTest, AConfidenceThatNobodyGave_IsNone) {
    EXPECT_EQ(reply_to({detecting("a", "X", "X")}).confidence, std::nullopt);
    EXPECT_EQ(reply_to({row("a", Outcome::completed, Verdict::benign)}).confidence, std::nullopt);
    EXPECT_EQ(reply_to({row("a", Outcome::crashed)}).confidence, std::nullopt);
    EXPECT_EQ(reply_to({row("a", Outcome::completed, Verdict::benign, 0)}).confidence, 0);
    EXPECT_EQ(reply_to({row("a", Outcome::completed, Verdict::benign, 10'000)}).confidence, 1'000'000);
    EXPECT_EQ(reply_to({row("a", Outcome::completed, Verdict::benign, 1)}).confidence, 100);
}

TEST(OpinionTest, HeuristicIsWhatNobodyIsSureOf) {
    core::ScanResult tagged = detecting("b", "Odd", "");
    tagged.detections[0].tags = {"packed", "heuristic"};
    const auto heuristics = detecting("a", "Heuristics.Phishing", "");
    EXPECT_TRUE(reply_to({heuristics}).heuristic);
    EXPECT_TRUE(reply_to({tagged}).heuristic);
    EXPECT_TRUE(reply_to({heuristics, tagged, row("c", Outcome::completed, Verdict::benign)}).heuristic);
    EXPECT_FALSE(reply_to({heuristics, detecting("c", "Sure", "")}).heuristic);
    EXPECT_FALSE(reply_to({row("a", Outcome::completed, Verdict::malicious)}).heuristic);   // no detection
    EXPECT_FALSE(reply_to({row("a", Outcome::completed, Verdict::benign)}).heuristic);
    core::ScanResult noted = detecting("b", "Note", "");
    noted.detections[0].verdict = Verdict::suspicious;
    EXPECT_TRUE(reply_to({heuristics, noted}).heuristic);   // it accuses nobody
}

TEST(OpinionTest, NamesTheBackendsThatWereAsked) {
    const std::vector rows{row("clamav", Outcome::completed, Verdict::benign), row("yara", Outcome::crashed),
                           skipped("other", Reason::routed)};
    const bounty::Reply reply = reply_to(rows);
    EXPECT_EQ(reply.vendor_version, "clamav 1.2; yara 1.2");
    EXPECT_EQ(reply.signatures_version, "clamav clamav-sigs; yara yara-sigs");
    ASSERT_EQ(reply.backends.size(), 2);
    EXPECT_EQ(reply.backends[0].name, "clamav");
    EXPECT_EQ(reply.backends[0].verdict, "benign");
    EXPECT_EQ(reply.backends[0].outcome, "completed");
    EXPECT_EQ(reply.backends[0].vendor_version, "1.2");
    EXPECT_EQ(reply.backends[0].signatures_version, "clamav-sigs");
    EXPECT_EQ(reply.backends[1].verdict, "unknown");
    EXPECT_EQ(reply.backends[1].outcome, "crashed");
    const bounty::Reply without = opinion_of(report_of(rows), false).reply;
    EXPECT_THAT(without.backends, IsEmpty());
    EXPECT_EQ(without.vendor_version, reply.vendor_version);
}

TEST(OpinionTest, TheNoteIsTheExplanation_OrWhyThereIsNone) {
    core::Report report = report_of({row("a", Outcome::completed, Verdict::benign)});
    report.combined.explanation = "all said so";
    EXPECT_EQ(opinion_of(report, true).note, "all said so");
    report.error = "the disk is broken";
    EXPECT_EQ(opinion_of(report, true).note, "the disk is broken");
}

TEST(OpinionTest, IsAlwaysAReplyThatTheMarketplaceTakes) {
    const std::vector<std::vector<core::ScanResult>> all{
        {},
        {row("a", Outcome::crashed)},
        {row("a", Outcome::completed, Verdict::benign, 5'000)},
        {row("a", Outcome::completed, Verdict::suspicious)},
        {detecting("a", std::string("\xff\n\"", 3), std::string(10'000, 'f'), 10'000)},
    };
    for (const auto& rows : all)
        for (const auto phase : {bounty::Phase::assertion, bounty::Phase::vote}) {
            bounty::Reply reply = reply_to(rows);
            reply.phase = phase;
            reply.bid = bounty::kOneNct;
            const std::string json = write_reply(reply);
            EXPECT_EQ(find_fault(json, phase, {}), std::nullopt) << json;
            const auto facts = bounty::read_reply(json);
            ASSERT_TRUE(facts);
            EXPECT_EQ(facts->verdict, reply.verdict);
            EXPECT_NE(facts->scanner_version, "");
            EXPECT_NE(facts->architecture, "");
        }
}

TEST(AbstentionTest, IsUnknown_WithItsComment) {
    const Opinion opinion = abstention(bounty::kCannotFetch, "it is gone", {});
    EXPECT_EQ(opinion.reply.verdict, Verdict::unknown);
    EXPECT_THAT(opinion.reply.comments, ElementsAre("SKIPPED:CANNOT-FETCH"));
    EXPECT_EQ(opinion.reply.malware_family, "");
    EXPECT_EQ(opinion.reply.confidence, std::nullopt);
    EXPECT_THAT(opinion.reply.backends, IsEmpty());
    EXPECT_EQ(opinion.note, "it is gone");
    EXPECT_EQ(opinion.reply.operating_system, "linux");
    EXPECT_NE(opinion.reply.architecture, "");
    EXPECT_EQ(find_fault(write_reply(opinion.reply), bounty::Phase::assertion, {}), std::nullopt);
}

TEST(AbstentionTest, NamesTheBackendsThatWouldHaveBeenAsked) {
    const auto generation =
        engine::generation({engine::says(Verdict::benign), engine::says(Verdict::benign)});   // "a" and "b"
    const std::vector<std::string> names{"b"};
    const auto versions = [](const Asked& asked) {
        return abstention(bounty::kSkipped, "", asked).reply.vendor_version;
    };
    EXPECT_EQ(versions({.generation = generation.get()}), "a 1.0; b 1.0");
    EXPECT_EQ(versions({.generation = generation.get(), .names = &names}), "b 1.0");
    EXPECT_EQ(versions({.generation = nullptr, .names = &names}), "");
}

}   // namespace
}   // namespace microengine::polyswarm
