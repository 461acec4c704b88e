// SPDX-License-Identifier: MIT
#include "host/bounty/bounty.hpp"

#include "vectors.hpp"

#include <gmock/gmock.h>

#include <string>

namespace microengine::bounty {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::int64_t kNow = 1'700'000'000'000;
constexpr std::int64_t kThen = 4'780'202'608'000;   // 2121-06-24T10:03:28Z

/// A bounty that lacks nothing, with other members behind them: the last of a name holds.
std::string with(const std::string& members) {
    return R"({"id":1,"artifact_uri":"https://store.example/a","response_url":"https://polyswarm.example/r/assertions/",)"
           R"("expiration":"2121-06-24T10:03:28Z")" +
           (members.empty() ? "" : "," + members) + "}";
}

Bounty read(const std::string& members) {
    auto bounty = parse_bounty(with(members), kNow);
    EXPECT_TRUE(bounty) << members << ": " << bounty.error().text();
    return bounty ? *std::move(bounty) : Bounty{};
}

std::string refusal(std::string_view body) {
    const auto bounty = parse_bounty(body, kNow);
    EXPECT_FALSE(bounty) << body;
    return bounty ? "taken" : bounty.error().text();
}

TEST(Bounty, TheOneOfThePage) {
    const auto all = vectors("hmac");
    const auto bounty = parse_bounty(body_of(all.at(1)), kNow);
    ASSERT_TRUE(bounty);
    EXPECT_EQ(bounty->id, "1234567890");
    EXPECT_EQ(bounty->response_url, "http://127.0.0.1:9000/v3/bounty/1234567890/assertions/?nonce=abc");
    EXPECT_EQ(bounty->artifact_uri, "http://127.0.0.1:9000/artifact/eicar");
    EXPECT_EQ(bounty->kind, ArtifactKind::file);
    EXPECT_EQ(util::hex(bounty->sha256.value_or(util::Sha256{})),
              "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f");
    EXPECT_EQ(bounty->mimetype, "text/plain");
    EXPECT_EQ(bounty->phase, Phase::assertion);
    EXPECT_EQ(bounty->rules, Rules{});
    EXPECT_EQ(bounty->expiration_ms, kThen + 6);
    EXPECT_EQ(bounty->tasked_ms, kThen + 6 - 30'000);
    EXPECT_THAT(bounty->metadata, IsEmpty());
    EXPECT_THAT(bounty->warnings, IsEmpty());
}

TEST(Bounty, TheOtherVectorsAreReadAsTheirNamesSay) {
    const auto all = vectors("hmac");
    const auto spaced = parse_bounty(body_of(all.at(2)), kNow);
    ASSERT_TRUE(spaced);
    EXPECT_EQ(spaced->id, "\"0b9f2c1e-7d54-4c7a-9a55-3f1f0f6f0a01\"");
    EXPECT_EQ(spaced->artifact_type, "FILE");
    EXPECT_EQ(spaced->kind, ArtifactKind::file);
    EXPECT_FALSE(spaced->sha256);
    EXPECT_THAT(spaced->warnings, ElementsAre("sha256 is not 64 hexadecimal digits"));
    const auto floats = parse_bounty(body_of(all.at(3)), kNow);
    ASSERT_TRUE(floats);
    EXPECT_EQ(floats->rules, Rules{});
    const auto large = parse_bounty(body_of(all.at(4)), kNow);
    ASSERT_TRUE(large);
    EXPECT_EQ(large->id, "99999999999999999999999999");
    EXPECT_EQ(large->kind, ArtifactKind::url);
    const auto inside = parse_bounty(body_of(all.at(5)), kNow);
    ASSERT_TRUE(inside);
    EXPECT_EQ(inside->mimetype, "text/uri-list");
    EXPECT_TRUE(inside->sha256);
    EXPECT_EQ(inside->expiration_ms, kThen - 7'200'000);
    const auto vote = parse_bounty(body_of(all.at(6)), kNow);
    ASSERT_TRUE(vote);
    EXPECT_EQ(vote->phase, Phase::vote);
}

TEST(Bounty, AnIdIsKeptAsItWasWritten) {
    for (const auto* const id :
         {"0", "-0", "1.0", "1e3", "18446744073709551616", "1e999", R"("")", R"("a\u0062")"})
        EXPECT_EQ(read(R"("id":)" + std::string(id)).id, id);
}

TEST(Bounty, WhatCouldNotBeAnsweredIsRefused) {
    const std::string uri = R"("artifact_uri":"https://a/")";
    const std::string url = R"("response_url":"https://r/")";
    EXPECT_EQ(refusal("{" + uri + "," + url + "}"), "id is missing");
    EXPECT_EQ(refusal(R"({"id":1,)" + url + "}"), "artifact_uri is missing");
    EXPECT_EQ(refusal(R"({"id":1,)" + uri + "}"), "response_url is missing");
    EXPECT_EQ(refusal(with(R"("id":null)")), "id is missing");
    for (const auto* const id : {"true", "{}", "[1]"})
        EXPECT_EQ(refusal(with(R"("id":)" + std::string(id))), "id is neither a number nor a string");
    EXPECT_EQ(refusal(with(R"("artifact_uri":"")")), "artifact_uri is empty");
    EXPECT_EQ(refusal(with(R"("artifact_uri":7)")), "artifact_uri is no string");
    EXPECT_EQ(refusal(with(R"("response_url":["https://r/"])")), "response_url is no string");
    EXPECT_EQ(refusal(with(R"("response_url":"ftp://secret/")")), "response_url is no http or https URL");
    // The names of old.
    EXPECT_EQ(refusal(R"({"guid":1,"artifact_url":"https://a/",)" + url + "}"), "id is missing");
}

TEST(Bounty, WhatIsNoJsonObjectIsRefusedWithItsPlace) {
    EXPECT_THAT(refusal("{\"id\":x}"), HasSubstr("byte 7: is not JSON"));
    EXPECT_THAT(refusal(""), HasSubstr("byte 1: is not JSON"));
    EXPECT_EQ(refusal("[]"), "is no JSON object");
    EXPECT_EQ(refusal("null"), "is no JSON object");
}

TEST(Bounty, NestingIsTakenTo32Levels) {
    const auto deep = [](std::size_t arrays) {
        return R"("tomorrow":)" + std::string(arrays, '[') + std::string(arrays, ']');
    };
    EXPECT_THAT(read(deep(31)).warnings, IsEmpty());
    EXPECT_THAT(refusal(with(deep(32))), HasSubstr("nested deeper than 32"));
    EXPECT_THAT(refusal(with(deep(500'000))), HasSubstr("nested deeper than 32"));
}

TEST(Bounty, OfDoubledKeysTheLastOneHolds) {
    EXPECT_EQ(read(R"("id":2,"id":3)").id, "3");
    EXPECT_FALSE(
        read(R"("sha256":"275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f","sha256":null)")
            .sha256);
}

TEST(Bounty, UnknownFieldsAreNeverAnError) {
    EXPECT_THAT(read(R"("tomorrow":{"x":[1e999,-0,"\ud800"]},"":null)").warnings, IsEmpty());
}

TEST(Bounty, ArtifactTypesInAnyCase) {
    EXPECT_EQ(read("").kind, ArtifactKind::file);
    EXPECT_EQ(read("").artifact_type, "file");
    EXPECT_EQ(read(R"("artifact_type":null)").kind, ArtifactKind::file);
    EXPECT_EQ(read(R"("artifact_type":"uRl")").kind, ArtifactKind::url);
    EXPECT_EQ(read(R"("artifact_type":"Memory")").kind, ArtifactKind::other);
    EXPECT_EQ(read(R"("artifact_type":"Memory")").artifact_type, "Memory");
    EXPECT_EQ(read(R"("artifact_type":"")").kind, ArtifactKind::other);
    EXPECT_EQ(read(R"("artifact_type":7)").kind, ArtifactKind::other);
}

TEST(Bounty, ExpiresWhenItSays) {
    EXPECT_EQ(read(R"("duration":5,"tasked_at":"2121-06-24T10:00:00Z")").expiration_ms, kThen);
}

TEST(Bounty, ThatDoesNotSayWhenItExpiresIsReckonedAndWarnedOf) {
    struct Row {
        std::string members;
        std::int64_t expiration_ms;
    };
    const std::string tasked = R"(,"tasked_at":"2121-06-24T10:03:28Z")";
    for (const auto* const lost :
         {R"("expiration":null)", R"("expiration":"tomorrow")", R"("expiration":17)"})
        for (const Row& row : {
                 Row{R"(,"duration":45)" + tasked, kThen + 45'000},
                 Row{R"(,"duration":0.25)" + tasked, kThen + 250},
                 Row{R"(,"duration":"45")", kNow + 45'000},
                 Row{R"(,"duration":45,"tasked_at":"yesterday")", kNow + 45'000},
                 Row{"", kNow + 30'000},
                 Row{tasked, kNow + 30'000},
                 Row{R"(,"duration":-1)", kNow + 30'000},
                 Row{R"(,"duration":1e10)", kNow + 30'000},
                 Row{R"(,"duration":1e999)", kNow + 30'000},
                 Row{R"(,"duration":"soon")", kNow + 30'000},
                 Row{R"(,"duration":[])", kNow + 30'000},
             }) {
            const Bounty bounty = read(std::string(lost) + row.members);
            EXPECT_EQ(bounty.expiration_ms, row.expiration_ms) << lost << row.members;
            EXPECT_THAT(bounty.warnings, Contains(HasSubstr("expiration"))) << lost;
        }
}

TEST(Bounty, FactsComeFromTheTopLevelOrElseFromTheMetadata) {
    const std::string one(64, '1');
    const std::string two(64, '2');
    const Bounty inner = read(R"("metadata":{"sha256":")" + one + R"(","mimetype":"a/b"})");
    EXPECT_EQ(inner.sha256, util::parse_sha256(one));
    EXPECT_EQ(inner.mimetype, "a/b");
    const Bounty both = read(R"("sha256":")" + two + R"(","mimetype":"c/d","metadata":{"sha256":")" + one +
                             R"(","mimetype":"a/b"})");
    EXPECT_EQ(both.sha256, util::parse_sha256(two));
    EXPECT_EQ(both.mimetype, "c/d");
    const Bounty broken = read(R"("sha256":"2","metadata":{"sha256":")" + one + R"("})");
    EXPECT_EQ(broken.sha256, util::parse_sha256(one));
    EXPECT_THAT(broken.warnings, ElementsAre("sha256 is not 64 hexadecimal digits"));
}

TEST(Bounty, MetadataIsItsScalarsAsText) {
    const Bounty bounty = read(
        R"("metadata":{"a":"x\u0041","b":12345678901234567890123,"c":true,"d":null,"e":[1],"f":{"g":1}})");
    EXPECT_THAT(bounty.metadata,
                ElementsAre(testing::Pair("a", "xA"), testing::Pair("b", "12345678901234567890123"),
                            testing::Pair("c", "true")));
    EXPECT_THAT(bounty.warnings, IsEmpty());
    EXPECT_THAT(read(R"("metadata":[1])").metadata, IsEmpty());
    EXPECT_THAT(read(R"("metadata":"x")").warnings, ElementsAre("metadata is no object"));
}

TEST(Bounty, RulesThatAreNotUnderstoodAreTheUsualOnes) {
    EXPECT_EQ(read(R"("rules":{"min_allowed_bid":"5","max_allowed_bid":7.9})").rules,
              (Rules{.min = Wei{5}, .max = Wei{7}}));
    EXPECT_EQ(read(R"("rules":{"max_allowed_bid":5})").rules.min, Rules{}.min);
    EXPECT_EQ(read(R"("rules":{})").rules, Rules{});
    EXPECT_EQ(read(R"("rules":null)").rules, Rules{});
    const Bounty odd = read(R"("rules":{"min_allowed_bid":-5,"max_allowed_bid":true})");
    EXPECT_EQ(odd.rules, Rules{});
    EXPECT_THAT(odd.warnings, ElementsAre("min_allowed_bid is no amount", "max_allowed_bid is no amount"));
    EXPECT_THAT(read(R"("rules":5)").warnings, ElementsAre("rules is no object"));
}

TEST(Bounty, AsksForAVoteInEveryForm) {
    for (const auto* const phase : {"arbitration", "ARBITRATION", "Arbitration_Window", "vote", "Votes"})
        EXPECT_EQ(read(R"("phase":")" + std::string(phase) + "\"").phase, Phase::vote) << phase;
    for (const auto* const phase : {"assertion", "ASSERTION", "assertion_window"}) {
        EXPECT_EQ(read(R"("response_url":"https://p/votes","phase":")" + std::string(phase) + "\"").phase,
                  Phase::assertion)
            << phase;
    }
    for (const auto* const phase :
         {"", R"(,"phase":null)", R"(,"phase":"")", R"(,"phase":7)", R"(,"phase":"reveal")"}) {
        const auto asked = [&](const std::string& url) {
            return read(R"("response_url":")" + url + "\"" + phase).phase;
        };
        EXPECT_EQ(asked("https://p/1/votes/?n=1"), Phase::vote) << phase;
        EXPECT_EQ(asked("https://p/votes//#x"), Phase::vote) << phase;
        EXPECT_EQ(asked("https://p/votes/1"), Phase::assertion) << phase;
        EXPECT_EQ(asked("https://votes/"), Phase::assertion) << phase;
        EXPECT_EQ(asked("https://p/?/votes"), Phase::assertion) << phase;
        EXPECT_EQ(asked("https://p/devotes"), Phase::assertion) << phase;
    }
}

TEST(Bounty, NeitherErrorsNorWarningsHoldWhatWasSent) {
    const Bounty bounty =
        read(R"("expiration":"SECRET","sha256":"SECRET","mimetype":[],"phase":"SECRET",)"
             R"("tasked_at":"SECRET","duration":"SECRET","rules":{"min_allowed_bid":"SECRET"})");
    EXPECT_EQ(bounty.warnings.size(), 7U);
    EXPECT_THAT(bounty.warnings, Not(Contains(HasSubstr("SECRET"))));
    EXPECT_THAT(refusal(with(R"("response_url":"http://?SECRET")")), Not(HasSubstr("SECRET")));
}

TEST(Bounty, AKeyIsOfIdAndResponseUrlOnly) {
    const Bounty one = read(R"("artifact_type":"file")");
    EXPECT_EQ(key_of(one), key_of(read(R"("artifact_type":"url","artifact_uri":"x")")));
    EXPECT_NE(key_of(one), key_of(read(R"("id":2)")));
    EXPECT_NE(key_of(one), key_of(read(R"("id":"1")")));
    EXPECT_NE(key_of(one), key_of(read(R"("response_url":"https://polyswarm.example/r/votes/")")));
    // printf '1\0https://r/' | sha256sum
    EXPECT_EQ(util::hex(key_of(read(R"("response_url":"https://r/")"))),
              "bf8af0216b20998442998473892454358a0a0d9f7f06a5c00fd3b5ddfedc1ef9");
}

TEST(Bounty, OfAUrlListTheMimetypeMayHaveParameters) {
    Bounty bounty;
    bounty.artifact_uri = "https://store.example/a";
    bounty.mimetype = "Text/URI-List ; charset=utf-8";
    EXPECT_EQ(url_convention(bounty, UrlConvention::automatic), UrlConvention::fetch);
    bounty.mimetype = "text/plain";
    EXPECT_EQ(url_convention(bounty, UrlConvention::automatic), UrlConvention::inline_text);
}

}   // namespace
}   // namespace microengine::bounty
