// SPDX-License-Identifier: MIT
// Lists as they are loaded, and refused.
#include "folder.hpp"

#include <sys/stat.h>

#include <set>

namespace microengine::hashlist {
namespace {

using support::Harness;
using support::Seen;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

struct Loading : Folder {
    std::string version_of(std::string_view text) const {
        Harness one(PLUGIN_FILE);
        one.set("block", file("versioned", text));
        EXPECT_EQ(one.open().status, ME_OK);
        return one.signatures().value().version;
    }
};

TEST_F(Loading, CountsWhatIsThereOnce) {
    harness.set("block", file("a", "\xEF\xBB\xBF" + kSha256 + "\r\n" + kSha256 + " again\n" + kMd5))
        .set("allow_digests", kSha256);
    ASSERT_EQ(harness.open().status, ME_OK);
    EXPECT_EQ(harness.signatures()->count, 3U);
    EXPECT_GT(harness.signatures()->date_unix, 1'600'000'000);
    EXPECT_EQ(harness.scan("an artifact").detections.size(), 2U);
}

TEST_F(Loading, TheVersionIsThatOfTheBytes) {
    const std::set<std::string> versions{version_of(kSha256), version_of(kSha256 + " Name"),
                                         version_of(kSha256 + " Name2"), version_of(kSha256 + "\n" + kMd5)};
    EXPECT_EQ(versions.size(), 4U);
    EXPECT_EQ(version_of(kSha256), version_of(kSha256));
    Harness allowing(PLUGIN_FILE);
    allowing.set("allow", file("versioned", kSha256));
    ASSERT_EQ(allowing.open().status, ME_OK);
    EXPECT_NE(allowing.signatures()->version, version_of(kSha256));
}

TEST_F(Loading, EveryBadLineIsToldAtItsPlace) {
    const std::string list =
        file("bad", kSha256 + "\nnonsense\n\n" + kMd5 + "0\n" + std::string(70'000, 'a') + "\n");
    harness.set("block", list).set("allow_digests", kMd5);
    const Seen seen = harness.open();
    EXPECT_EQ(seen.status, ME_E_SETTINGS);
    EXPECT_EQ(seen.fail_setting, "block");
    EXPECT_EQ(
        seen.fail_text,
        list + ":2: expected a digest, got \"nonsense\"\n" + list +
            ":4: a digest has 32 (MD5), 40 (SHA-1) or 64 (SHA-256) hexadecimal digits, got 33\n" + list +
            ":5: is longer than 65536 bytes\nallow_digests:1: two artifacts with the same MD5 can be made, "
            "one of them harmless; take SHA-256 to allow, or set allow_weak");
}

TEST_F(Loading, OfManyBadLinesTheFirstTwentyAndTheirNumber) {
    std::string text;
    for (int i = 0; i < 1000; ++i) text += "bad line\n";
    harness.set("block", file("bad", text));
    const Seen seen = harness.open();
    EXPECT_THAT(seen.fail_text, HasSubstr("bad:20: "));
    EXPECT_THAT(seen.fail_text, Not(HasSubstr("bad:21: ")));
    EXPECT_THAT(seen.fail_text, EndsWith("\n... and 980 more lines"));
}

TEST_F(Loading, WeakDigestsAllowWhereTheOperatorSaysSo) {
    harness.set("allow_digests", kMd5).set("allow_weak", true);
    EXPECT_EQ(harness.scan("an artifact").verdict, ME_BENIGN);
}

TEST_F(Loading, WhatIsNoListIsRefused) {
    EXPECT_THAT(harness.open().fail_text, HasSubstr("there is no list"));
    harness.set("block", root.string());
    EXPECT_THAT(harness.open().fail_text, HasSubstr("is a folder"));
    ASSERT_EQ(mkfifo((root / "pipe").c_str(), 0600), 0);
    harness.set("block", (root / "pipe").string());
    EXPECT_THAT(harness.open().fail_text, HasSubstr("is no regular file"));
    harness.set("block", (root / "missing").string());
    EXPECT_THAT(harness.open().fail_text, HasSubstr("No such file"));
    EXPECT_EQ(harness.open().fail_setting, "block");
}

TEST_F(Loading, OpeningCanBeStopped) {
    harness.set("block", file("a", kSha256));
    harness.stop_status = ME_E_CANCELLED;
    EXPECT_EQ(harness.open().status, ME_E_CANCELLED);
}

TEST_F(Loading, TwentyThousandLinesFromEveryCornerAreFound) {
    std::string text;
    std::string digest = kSha256;
    for (int i = 0; i < 20'000; ++i) {
        // Scattered over all first bytes, and never the artifact's own.
        const std::string number = std::to_string(i * 7919 % 1'000'003 + 1'000'000);
        digest.replace(0, number.size(), std::string(number.rbegin(), number.rend()));
        text += digest + "," + (i % 3 == 0 ? "Mirai" : "Agent") + "\n";
    }
    harness.set("block",
                std::vector<Harness::Value>{file("a.csv", text), file("b.csv", kSha256 + ",Last\n")});
    EXPECT_EQ(harness.scan("an artifact").detections.at(0).name, "Last");
    EXPECT_EQ(harness.signatures()->count, 20'001U);
}

}   // namespace
}   // namespace microengine::hashlist
