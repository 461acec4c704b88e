// SPDX-License-Identifier: GPL-2.0-only
#include "fixture.hpp"

namespace microengine::support {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kEicar = "Eicar-Test-Signature.UNOFFICIAL";

TEST_F(ClamAv, FindsEicarWhereverItIsWrapped) {
    const Member file{"eicar.com", eicar()};
    const std::pair<const char*, std::string> cases[] = {
        {"plain", eicar()},
        {"zip", zip_of({file})},
        {"second in a zip", zip_of({{"readme.txt", "nothing to see"}, file})},
        {"zip in zip", zip_of({{"inner.zip", zip_of({file})}})},
        {"gzip", gzip_of(eicar())},
        {"tar.gz", gzip_of(tar_of({{"readme.txt", "nothing to see"}, file}))},
        {"mail", mail_of(file)},
        {"zip in mail", mail_of({"eicar.zip", zip_of({file})})},
    };
    for (const auto& [what, artifact] : cases) {
        const Seen seen = harness.scan(artifact);
        EXPECT_EQ(seen.verdict, ME_MALICIOUS) << what;
        EXPECT_THAT(seen.detections, Contains(Named(kEicar))) << what;
        EXPECT_FALSE(seen.partial()) << what;
    }
}

TEST_F(ClamAv, FindsInALargeArchiveWhatLiesBehindManyPages) {
    // Read through the callback, with pages that libclamav keeps: see descriptor.hpp.
    std::vector<Member> members;
    for (int i = 0; i < 40; ++i)
        members.push_back(
            {"filler" + std::to_string(i), std::string(300'000, static_cast<char>('a' + i % 26))});
    EXPECT_EQ(harness.scan(zip_of(members)).verdict, ME_BENIGN);
    members.insert(members.begin() + 20, {"eicar.com", eicar()});
    const Seen seen = harness.scan(zip_of(members));
    EXPECT_EQ(seen.status, ME_OK) << seen.fail_text;
    EXPECT_THAT(seen.detections, Contains(Named(kEicar)));
}

TEST_F(ClamAv, NamesAndFamiliesAreAsClamAvGivesThem) {
    const Seen seen = harness.scan("here is a bad-mark in text");
    ASSERT_THAT(seen.detections, SizeIs(1));
    EXPECT_EQ(seen.detections[0].name, "Win.Trojan.Marked-77-1.UNOFFICIAL");
    EXPECT_EQ(seen.detections[0].family, "Marked");
    EXPECT_EQ(seen.detections[0].verdict, ME_MALICIOUS);
}

TEST_F(ClamAv, WhatItLookedAtCompletelyIsBenign) {
    for (const std::string& artifact : {std::string("hello, world\n"), zip_of({{"a", "harmless text"}}),
                                        std::string(65536, '\0'), std::string(1'000'000, 'x')}) {
        const Seen seen = harness.scan(artifact);
        EXPECT_EQ(seen.status, ME_OK) << seen.fail_text;
        EXPECT_EQ(seen.verdict, ME_BENIGN);
        EXPECT_FALSE(seen.partial());
        EXPECT_THAT(seen.detections, IsEmpty());
    }
}

TEST_F(ClamAv, AnEmptyOrTinyArtifactIsBenign) {
    for (const char* artifact : {"", "x", "12345"})
        EXPECT_EQ(harness.scan(artifact).verdict, ME_BENIGN) << artifact;
}

TEST_F(ClamAv, APuaMatchIsSuspiciousUnlessTheOperatorSaysMore) {
    const Seen seen = harness.scan("an UNWANTED-MARK here");
    EXPECT_EQ(seen.verdict, ME_SUSPICIOUS);
    Harness strict(PLUGIN_FILE);
    strict.temp_dir = temporary;
    strict.set("database", database.string()).set("pua_as", "malicious");
    EXPECT_EQ(strict.scan("an UNWANTED-MARK here").verdict, ME_MALICIOUS);
}

TEST_F(ClamAv, AWeakMatchNeverHidesAStrongOne) {
    for (const std::uint32_t flags : {0U, ME_REQUEST_ALL_MATCHES}) {
        harness.request_flags = flags;
        const Seen seen = harness.scan(zip_of({{"a", "an UNWANTED-MARK here"}, {"b", "a bad-mark here"}}));
        EXPECT_EQ(seen.verdict, ME_MALICIOUS);
    }
}

TEST_F(ClamAv, AllMatchesAreReportedWhenAskedForAndEachOnce) {
    const std::string artifact =
        zip_of({{"a", "a bad-mark here"}, {"b", eicar()}, {"c", "another bad-mark"}});
    EXPECT_THAT(harness.scan(artifact).detections, SizeIs(2));
    harness.request_flags = 0;
    EXPECT_THAT(harness.scan(artifact).detections, SizeIs(1));
}

TEST_F(ClamAv, CorruptArchivesDoNotHurt) {
    const std::string whole = gzip_of(tar_of({{"eicar.com", eicar()}, {"more", std::string(5000, 'x')}}));
    for (std::size_t size = 0; size < whole.size(); size += 97)
        EXPECT_GE(harness.scan(whole.substr(0, size)).verdict, ME_UNKNOWN) << size;
}

TEST_F(ClamAv, TheSameArtifactTwiceGivesTheSameTwice) {
    EXPECT_EQ(harness.scan("clean for the moment").verdict, ME_BENIGN);
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(harness.scan(zip_of({{"eicar.com", eicar()}})).verdict, ME_MALICIOUS);
        EXPECT_EQ(harness.scan("clean for the moment").verdict, ME_BENIGN);
    }
}

TEST_F(ClamAv, NothingStaysInTheTemporaryDirectory) {
    harness.scan(zip_of({{"inner.zip", zip_of({{"eicar.com", eicar()}})}}));
    EXPECT_TRUE(std::filesystem::is_empty(temporary));
}

}   // namespace
}   // namespace microengine::support
