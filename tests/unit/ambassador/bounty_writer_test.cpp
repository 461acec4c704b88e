// SPDX-License-Identifier: MIT
#include "host/frontends/ambassador/bounty_writer.hpp"

#include "host/bounty/bounty.hpp"
#include "host/bounty/timestamp.hpp"

#include <gtest/gtest.h>

namespace microengine::ambassador {
namespace {

constexpr std::int64_t kNow = 1'767'225'599'001;   // a second before a new year
constexpr std::int64_t kUntil = kNow + 5000;
constexpr std::int64_t kMinute = 60'000;

BountyFields fields() {
    BountyFields all;
    all.id = "1234567890";
    all.artifact_uri = R"("http://127.0.0.1/a")";
    all.sha256 = "\"" + std::string(64, 'a') + "\"";
    all.response_url = R"("http://127.0.0.1/reply/1/assertions/?nonce=x")";
    all.expiration = json_string(timestamp(kUntil));
    return all;
}

TEST(BountyWriter, WritesPointsInTimeAsPolySwarmDoes) {
    EXPECT_EQ(timestamp(0), "1970-01-01T00:00:00.000071+00:00");
    EXPECT_EQ(timestamp(4'780'202'608'006), "2121-06-24T10:03:28.006071+00:00");
}

TEST(BountyWriter, EverySpellingOfATimeMeansThatTimeOrALittleLater) {
    for (const TimeSpelling& spelling : time_spellings()) {
        const std::string text = spelling.write(kUntil);
        const auto read = bounty::parse_timestamp(text);
        ASSERT_TRUE(read.has_value()) << text;
        EXPECT_GE(*read, kUntil / 1000 * 1000) << text;
        EXPECT_LE(*read, kUntil + kMinute) << text;
    }
}

TEST(BountyWriter, EmptyTokensAreLeftOut) {
    BountyFields few;
    few.id = "1";
    few.artifact_type.clear();
    few.mimetype.clear();
    few.phase.clear();
    few.rules.clear();
    few.others = {{"new", "[]"}};
    EXPECT_EQ(to_json(few, Layout::compact), R"({"id":1,"new":[]})");
    EXPECT_EQ(to_json(few, Layout::spaced), R"({"id": 1, "new": []})");
    EXPECT_EQ(to_json(few, Layout::lines), "{\r\n  \"id\": 1,\r\n  \"new\": []\r\n}\r\n");
}

TEST(BountyWriter, TextIsEscaped) { EXPECT_EQ(json_string("a\"\\\n"), R"("a\"\\\n")"); }

TEST(BountyWriter, EverySpellingIsABountyWithTheRulesThatItSays) {
    for (const Spelling& spelling : spellings()) {
        BountyFields all = fields();
        spelling.apply(all, {.now_ms = kNow, .until_ms = kUntil});
        const std::string json = to_json(all, spelling.layout);
        const auto read = bounty::parse_bounty(json, kNow);
        ASSERT_TRUE(read.has_value()) << spelling.name << ": " << json;
        EXPECT_EQ(read->rules, spelling.rules) << spelling.name;
        EXPECT_EQ(read->phase, bounty::Phase::assertion) << spelling.name;
        EXPECT_EQ(read->kind, bounty::ArtifactKind::file) << spelling.name;
        EXPECT_GE(read->expiration_ms, kUntil / 1000 * 1000) << spelling.name << ": it would expire early";
        EXPECT_LE(read->expiration_ms, kUntil + kMinute) << spelling.name;
    }
}

TEST(BountyWriter, EverySpellingDiffersFromTheFirst) {
    BountyFields plain = fields();
    const std::string first = to_json(plain, Layout::compact);
    for (const Spelling& spelling : spellings().subspan(1)) {
        BountyFields all = fields();
        spelling.apply(all, {.now_ms = kNow, .until_ms = kUntil});
        EXPECT_NE(to_json(all, spelling.layout), first) << spelling.name;
    }
}

}   // namespace
}   // namespace microengine::ambassador
