// SPDX-License-Identifier: MIT
// What lists say of an artifact, through the plugin as it was built.
#include "folder.hpp"

namespace microengine::hashlist {
namespace {

using support::Seen;
using testing::HasSubstr;

struct Scanning : Folder {};

TEST_F(Scanning, ABlockedOneIsMaliciousWithItsNameListAndLine) {
    harness.set("block", file("feed.csv", "# of May\n\"" + kSha256 + "\",\"Mirai\"\n"));
    const Seen seen = harness.scan("an artifact");
    EXPECT_EQ(seen.verdict, ME_MALICIOUS);
    ASSERT_EQ(seen.detections.size(), 1U);
    EXPECT_EQ(seen.detections[0].name, "Mirai");
    EXPECT_EQ(seen.detections[0].family, "Mirai");
    EXPECT_EQ(seen.detections[0].name_space, "feed");
    EXPECT_THAT(seen.detections[0].detail, HasSubstr(R"(feed.csv","line":2,"digest":"SHA-256"})"));
}

TEST_F(Scanning, NamesAreUtf8AndAsLongAsTheHostKeepsWhateverTheFeedWrote) {
    const std::string stem = std::string(127, 'x') + "\xC3\xA9t\xC3\xA9";
    const std::string latin = "Tr\xF6jan" + std::string(300, '\xE9');
    harness.set("block", file((stem + ".csv").c_str(), kSha256 + "," + latin + "\n"));
    const Seen seen = harness.scan("an artifact");
    ASSERT_EQ(seen.detections.size(), 1U);
    EXPECT_EQ(seen.detections[0].name_space, std::string(127, 'x'));
    EXPECT_THAT(seen.detections[0].name, testing::StartsWith("Tr\xEF\xBF\xBDjan\xEF\xBF\xBD"));
    EXPECT_THAT(seen.detections[0].name, testing::SizeIs(testing::Le(256U)));
    EXPECT_THAT(seen.detections[0].family, testing::StartsWith("Tr\xEF\xBF\xBDjan"));
    EXPECT_THAT(seen.detections[0].family, testing::SizeIs(testing::Le(64U)));
}

TEST_F(Scanning, ALongNameIsNotCutWithinACharacter) {
    const std::string name = "x" + std::string(252, 'y') + "\xE2\x82\xAC!";
    harness.set("block_digests", kSha256 + "  " + name);
    EXPECT_EQ(harness.scan("an artifact").detections.at(0).name, name.substr(0, 253));
}

TEST_F(Scanning, OneOnNoListIsAbstainedFromAndNeverBenign) {
    harness.set("block", file("block", kSha256)).set("allow", file("allow", std::string(64, '1')));
    for (const std::string_view artifact : {"another artifact", "", "an artifact "}) {
        const Seen seen = harness.scan(artifact);
        EXPECT_EQ(seen.status, ME_OK);
        EXPECT_EQ(seen.verdict, ME_UNKNOWN);
        EXPECT_EQ(seen.flags, 0U);
    }
}

TEST_F(Scanning, AnAllowedOneIsKnownGood) {
    harness.set("allow_digests", kSha256);
    const Seen seen = harness.scan("an artifact");
    EXPECT_EQ(seen.verdict, ME_BENIGN);
    EXPECT_EQ(seen.flags, ME_RESULT_TRUSTED);
}

TEST_F(Scanning, BlockWinsOverAllowAlsoWhereTheDigestsAreOfTwoKinds) {
    harness.set("allow_digests", kSha256).set("block_digests", kMd5 + " Bad.One");
    const Seen seen = harness.scan("an artifact");
    EXPECT_EQ(seen.verdict, ME_MALICIOUS);
    EXPECT_EQ(seen.flags, 0U);
    ASSERT_EQ(seen.detections.size(), 1U);
    EXPECT_EQ(seen.detections[0].name, "Bad.One");
}

TEST_F(Scanning, AllKindsAreLookedUpAndEachThatMatchesIsTold) {
    harness.set("block", std::vector<support::Harness::Value>{file("a", kMd5 + ":*:By.Md5\n"),
                                                              file("b", "# one\n" + kSha1 + "\n"),
                                                              file("c", kSha256 + "  by sha256\n")});
    const Seen seen = harness.scan("an artifact");
    ASSERT_EQ(seen.detections.size(), 3U);
    EXPECT_EQ(seen.detections[0].name, "By.Md5");
    EXPECT_EQ(seen.detections[1].name, "Blocked");
    EXPECT_EQ(seen.detections[1].name_space, "b");
    EXPECT_THAT(seen.detections[1].detail, HasSubstr(R"("line":2)"));
    EXPECT_EQ(seen.detections[2].name, "by sha256");
    EXPECT_TRUE(harness.scan("a letter").detections.empty()) << "each scan hashes anew";
    EXPECT_EQ(harness.scan("an artifact").detections.size(), 3U);
}

TEST_F(Scanning, VerdictAndConfidenceAreTheOperators) {
    harness.set("block_digests", kSha256)
        .set("verdict", std::string("suspicious"))
        .set("confidence_percent", std::int64_t{75});
    const Seen seen = harness.scan("an artifact");
    EXPECT_EQ(seen.verdict, ME_SUSPICIOUS);
    EXPECT_EQ(seen.confidence, 7500U);
    EXPECT_EQ(seen.detections.at(0).confidence, 7500U);
}

TEST_F(Scanning, ALargeOneCanBeStopped) {
    harness.set("block_digests", kMd5);
    ASSERT_EQ(harness.scan("x").status, ME_OK);
    harness.stop_after_polls = 3;
    EXPECT_EQ(harness.scan(std::string(std::size_t{8} << 20, 'x')).status, ME_E_CANCELLED);
}

TEST_F(Scanning, WhatIsWrittenToAListLaterChangesNothing) {
    const std::string list = file("block", kSha256 + " Bad.One\n");
    harness.set("block", list);
    ASSERT_EQ(harness.scan("an artifact").detections.size(), 1U);
    std::filesystem::resize_file(list, 0);
    ASSERT_EQ(harness.scan("an artifact").detections.size(), 1U);
    EXPECT_EQ(harness.scan("an artifact").detections[0].name, "Bad.One");
}

}   // namespace
}   // namespace microengine::hashlist
