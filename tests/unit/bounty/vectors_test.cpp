// SPDX-License-Identifier: MIT
// What PolySwarm's page says by example.
#include "vectors.hpp"

#include "host/bounty/bid.hpp"
#include "host/bounty/bounty.hpp"
#include "host/bounty/reply.hpp"
#include "host/bounty/signature.hpp"

#include <string>

namespace microengine::bounty {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;

std::optional<std::string> digits(const std::optional<Wei>& amount) {
    if (!amount) return std::nullopt;
    return to_text(*amount);
}

TEST(Vectors, EverySignatureIsTheirs) {
    for (const auto& vector : vectors("hmac")) {
        const std::string body = body_of(vector);
        const auto signature = vector.at("signature").get<std::string>();
        const Secrets secrets{.current = Secret(vector.at("secret").get<std::string>()),
                              .previous = std::nullopt};
        EXPECT_EQ(body.size(), vector.at("bytes")) << vector;
        EXPECT_EQ(sign(body, secrets.current), signature) << vector;
        EXPECT_EQ(check_signature(body, signature, secrets), Signed::current) << vector;
        EXPECT_EQ(check_signature(body + "\n", signature, secrets), Signed::no) << vector;
    }
}

TEST(Vectors, EveryBountyIsTakenOrRefusedAsItsStatusSays) {
    int bounties = 0;
    for (const auto& vector : vectors("hmac")) {
        if (vector.at("event") != "bounty") continue;
        ++bounties;
        const auto bounty = parse_bounty(body_of(vector), kNow);
        EXPECT_EQ(bounty.has_value(), vector.at("status") == 202) << vector;
    }
    EXPECT_GE(bounties, 6);
}

TEST(Vectors, NoOtherSignatureIsTaken) {
    const auto signed_bodies = vectors("hmac");
    for (const auto& vector : vectors("hmac_reject")) {
        if (vector.at("header").is_null()) continue;   // nothing to look at
        const auto entry = std::ranges::find_if(
            signed_bodies, [&](const auto& body) { return body.at("name") == vector.at("body_of"); });
        ASSERT_NE(entry, signed_bodies.end()) << vector;
        const Secrets secrets{.current = Secret(vector.at("secret").get<std::string>()),
                              .previous = std::nullopt};
        const Signed is = check_signature(body_of(*entry), vector.at("header").get<std::string>(), secrets);
        EXPECT_TRUE(is == Signed::no || is == Signed::malformed) << vector;
    }
}

TEST(Vectors, ARawRequestIsSignedOverItsBody) {
    const std::string request = file_beside("bounty.http");
    ASSERT_EQ(request.size(), 794U);
    const std::string body = request.substr(request.find("\r\n\r\n") + 4);
    const std::string name = "X-POLYSWARM-SIGNATURE: ";
    const std::size_t at = request.find(name);
    ASSERT_NE(at, std::string::npos);
    EXPECT_EQ(sign(body, Secret("qwertyuiop")), request.substr(at + name.size(), 64));
}

TEST(Vectors, RuleValuesAreReadFromTheirTokens) {
    for (const auto& vector : vectors("rule_values")) {
        const auto token = vector.at("json").get<std::string>();
        EXPECT_EQ(digits(parse_rule_value(token, Round::up)), text_or_none(vector.at("as_min"))) << vector;
        EXPECT_EQ(digits(parse_rule_value(token, Round::down)), text_or_none(vector.at("as_max"))) << vector;
    }
}

TEST(Vectors, BidsAreExact) {
    for (const auto& vector : vectors("bids")) {
        const auto kind = parse_bid_kind(vector.at("strategy").get<std::string>());
        ASSERT_TRUE(kind) << vector;
        const auto min = parse_wei(vector.at("min").get<std::string>());
        const auto max = parse_wei(vector.at("max").get<std::string>());
        ASSERT_TRUE(min && max) << vector;
        const auto text = text_or_none(vector.at("confidence"));
        const auto confidence = text ? to_confidence(std::stod(*text)) : std::nullopt;
        BidStrategy strategy;
        strategy.kind = *kind;
        const auto bid = bid_of(strategy, {.min = *min, .max = *max}, confidence);
        EXPECT_EQ(to_text(bid.value_or(Wei{})), vector.at("bid").get<std::string>()) << vector;
        EXPECT_EQ(bid.has_value(), vector.at("bid") != "0") << vector;
    }
}

TEST(Vectors, TheBridgeHoldsBothWays) {
    for (const auto& vector : vectors("bridge")) {
        const BitVerdict pair{.bit = vector.at("bit"), .verdict = vector.at("verdict")};
        const auto verdict = core::parse_verdict(vector.at("is").get<std::string>());
        ASSERT_TRUE(verdict) << vector;
        EXPECT_EQ(verdict_of(pair), *verdict) << vector;
        EXPECT_EQ(to_bit_verdict(*verdict), pair) << vector;
    }
}

TEST(Vectors, RepliesAreJudgedAndTheFaultIsNamed) {
    for (const auto& vector : vectors("replies")) {
        const Phase phase = vector.at("kind") == "vote" ? Phase::vote : Phase::assertion;
        const auto fault = find_fault(vector.at("json").get<std::string>(), phase, Rules{});
        EXPECT_EQ(!fault, vector.at("valid").get<bool>()) << vector << fault.value_or("");
        if (fault) {
            EXPECT_EQ(*fault, vector.at("why").get<std::string>()) << vector;
        }
    }
}

TEST(Vectors, UrlArtifactsAreReadByTheirConvention) {
    for (const auto& vector : vectors("url_artifacts")) {
        Bounty bounty;
        bounty.kind = ArtifactKind::url;
        bounty.artifact_uri = vector.at("artifact_uri");
        bounty.mimetype = text_or_none(vector.at("mimetype")).value_or("");
        bounty.sha256 = util::parse_sha256(text_or_none(vector.at("sha256")).value_or(""));
        const auto mode = vector.at("mode").get<std::string>();
        const auto configured = mode == "auto"     ? UrlConvention::automatic
                                : mode == "inline" ? UrlConvention::inline_text
                                                   : UrlConvention::fetch;
        const auto is = vector.at("is") == "inline" ? UrlConvention::inline_text : UrlConvention::fetch;
        EXPECT_EQ(url_convention(bounty, configured), is) << vector;
    }
}

}   // namespace
}   // namespace microengine::bounty
