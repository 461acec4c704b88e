// SPDX-License-Identifier: MIT
#include "host/report/json.hpp"

#include "host/report/json_bounds.hpp"
#include "host/report/timestamp.hpp"
#include "host/util/text.hpp"
#include "tests/unit/report/samples.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace microengine::report {
namespace {

using core::Verdict;
using testing::HasSubstr;
using testing::Not;

std::string with(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

TEST(Json, ReadAndWrittenAgainIsTheSameTextByteForByte) {
    for (const samples::Sample& sample : samples::all())
        for (const JsonStyle style : {JsonStyle::compact, JsonStyle::pretty}) {
            const std::string text = to_json(sample.report, style);
            const auto back = from_json(text);
            ASSERT_TRUE(back) << sample.name << ": " << back.error().text();
            EXPECT_EQ(to_json(*back, style), text) << sample.name;
        }
}

TEST(Json, CarriesWhatAReplayNeeds) {
    const core::Report report = samples::named("incomplete");
    const auto back = from_json(to_json(report));
    ASSERT_TRUE(back);
    const core::ScanResult& yara = back->results.at(0);
    EXPECT_TRUE(yara.backend->policy.required);
    EXPECT_FALSE(yara.confidence);
    EXPECT_EQ(yara.effective_confidence(), 7'000u);
    EXPECT_EQ(back->results.at(1).partial, core::Partial::encrypted);
    EXPECT_EQ(back->artifact.sha256, report.artifact.sha256);
    EXPECT_TRUE(back->combined.incomplete);
    EXPECT_TRUE(back->combined.confidence_set);
    const auto weighted = from_json(to_json(samples::named("weighted_malicious")));
    ASSERT_TRUE(weighted);
    EXPECT_EQ(weighted->results.at(0).backend->policy.weight, 20'000u);
    EXPECT_EQ(weighted->results.at(3).reason, core::Reason::timeout);
    EXPECT_FALSE(weighted->combined.settings.suspicious_threshold)
        << "it was half of the other, and stays so";
    EXPECT_EQ(weighted->combined.flips.size(), 1u);
}

TEST(Json, NamesThatAreNoUtf8_KeepTheirBytes) {
    core::Report report = samples::named("benign");
    report.artifact.name = "a\xFF\xC0";
    const std::string text = to_json(report);
    EXPECT_THAT(text, HasSubstr("\"name\":\"a\uFFFD\uFFFD\",\"name_hex\":\"61ffc0\""));
    const auto back = from_json(text);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->artifact.name, report.artifact.name);
}

TEST(Json, HasNothingThatSteersATerminal) {
    core::Report report = samples::named("hostile_name");
    report.combined.explanation = "\x7F \xC2\x80 \xC2\x9B \xE2\x80\x8B \xE2\x80\xAE \xE2\x81\xA9 \xC3\xA9";
    const std::string text = to_json(report);
    EXPECT_THAT(text, HasSubstr(R"("explanation":"\u007f \u0080 \u009b \u200b \u202e \u2069 é")"));
    for (const char c : text) EXPECT_GE(static_cast<unsigned char>(c), 0x20) << text;
    ASSERT_TRUE(from_json(text));
    EXPECT_EQ(from_json(text)->combined.explanation, report.combined.explanation);
}

TEST(Json, CompactIsOneLine) {
    for (const samples::Sample& sample : samples::all())
        EXPECT_THAT(to_json(sample.report), Not(HasSubstr("\n"))) << sample.name;
}

TEST(Json, ScoresHaveSixDigits_AndWhatIsNoNumberIsLeftOut) {
    core::Report report = samples::named("weighted_malicious");
    report.combined.low = -1e-9;
    report.combined.high = std::numeric_limits<double>::quiet_NaN();
    const std::string text = to_json(report);
    EXPECT_THAT(text, HasSubstr(R"("score":0.736842,"low":0.0,"low_verdict")"));
    EXPECT_THAT(text, HasSubstr(R"("contribution":0.526316)"));
}

TEST(Json, DetailThatIsTooDeepIsShownAsText) {
    core::Report report = samples::named("eicar");
    report.results[2].detections[0].detail =
        "{\"a\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
    const std::string text = to_json(report);
    EXPECT_THAT(text, HasSubstr(R"("detail":{"text":"{\"a\":[[[)"));
    EXPECT_TRUE(from_json(text));
}

TEST(Json, SignaturesHaveADate) {
    EXPECT_THAT(to_json(samples::named("eicar")),
                HasSubstr(R"("date":"2025-01-06T09:40:55Z","count":8700000)"));
}

TEST(ReadJson, ToleratesUnknownKeys) {
    const std::string text = to_json(samples::named("eicar"));
    const auto back = from_json(with(text, "{\"schema\"", "{\"later\":[{}],\"schema\""));
    ASSERT_TRUE(back);
    EXPECT_EQ(to_json(*back), text);
}

struct Refusal {
    const char* name;
    std::string from, to;   ///< replaced in a good report
    std::string says;
};
std::ostream& operator<<(std::ostream& out, const Refusal& refusal) { return out << refusal.name; }

class ReadJsonRefuses : public testing::TestWithParam<Refusal> {};

TEST_P(ReadJsonRefuses, AndSaysWhereAndWhy) {
    const auto& [name, from, to, says] = GetParam();
    const auto back = from_json(with(to_json(samples::named("weighted_malicious")), from, to));
    ASSERT_FALSE(back);
    EXPECT_THAT(back.error().text(), HasSubstr(says));
}

INSTANTIATE_TEST_SUITE_P(
    Table, ReadJsonRefuses,
    testing::Values(
        Refusal{"AnotherSchema", "report/1", "report/2", "schema: must be \"microengine.report/1\", got"},
        Refusal{"NoArtifact", "\"artifact\"", "\"artefact\"", "artifact: is missing"},
        Refusal{"TextForANumber", "\"size\":68", "\"size\":\"68\"", "artifact.size: must be a whole number"},
        Refusal{"ANegativeSize", "\"size\":68", "\"size\":-1", "artifact.size: must be a whole number"},
        Refusal{"AShortDigest", "275a02", "275a", "artifact.sha256: must have 64"},
        Refusal{"AWordOutsideTheList", "\"outcome\":\"timed_out\"", "\"outcome\":\"asleep\"",
                "results[3].outcome: 'asleep' is no word of its list"},
        Refusal{"AnotherOutcomesReason", "\"reason\":\"timeout\"", "\"reason\":\"signal\"",
                "results[3].reason: 'signal' is no reason for the outcome 'timed_out'"},
        Refusal{"ABenignTimeout", R"("message":"no answer after 10 s","verdict":"unknown")",
                R"("verdict":"benign")", "only a completed scan can be benign"},
        Refusal{"APartialBenign", R"("backend":"vendor_x",)",
                R"("backend":"vendor_x","partial":"encrypted",)",
                "results[2].verdict: is benign, but not all"},
        Refusal{"ConfidenceAboveOne", "\"confidence\":0.8", "\"confidence\":1.8",
                "must be a number in 0.0..1.0"},
        Refusal{"TooManyDecimals", "\"confidence\":0.8", "\"confidence\":0.812345", "too many decimals"},
        Refusal{"AHeavyWeight", "\"weight\":2.0", "\"weight\":2000", "results[0].weight: must be"},
        Refusal{"TheSameBackendTwice", "\"backend\":\"yara\"", "\"backend\":\"clamav\"",
                "has another row already"},
        Refusal{"ANamelessBackend", "\"backend\":\"yara\"", "\"backend\":\"\"",
                "results[1].backend: must not be empty"},
        Refusal{"RowsThatAreNoArray", "\"results\":[", "\"results\":{},\"x\":[", "results: must be an array"},
        Refusal{"ARowThatIsNoObject", "\"results\":[", "\"results\":[7,", "results[0]: must be an object"},
        Refusal{"AScoreBeyondReason", "\"score\":0.736842", "\"score\":1e300",
                "combiner.score: must be a number"},
        Refusal{"NoQuorum", "\"needed\":1", "\"needed\":0", "combiner.quorum.needed: must be at least 1"},
        Refusal{"ATieThatIsUnknown", "\"on_tie\":\"suspicious\"", "\"on_tie\":\"unknown\"",
                "combiner.on_tie"},
        Refusal{"ATimeThatOverflows", "\"duration_us\":2210", "\"duration_us\":18446744073709551615",
                "duration_us"},
        Refusal{"BrokenSyntax", "\"size\":68", "\"size\":,", "1:152: is not JSON"},
        Refusal{"ANumberNoDoubleHolds", "\"size\":68", "\"size\":1e999", "out of range"},
        Refusal{"BytesThatAreNoUtf8", "agent.exe", "agent\xFF.exe", "is not JSON"},
        Refusal{"APlaceThatSteersATerminal", "\"outcome\":\"timed_out\"", "\"outcome\":\"\\u001b[2J\"",
                "'\\x1b[2J' is no word"}),
    [](const auto& refusal) { return refusal.param.name; });

TEST(ReadJson, RefusesTooLongTooDeepAndTooManyBeforeParsing) {
    EXPECT_EQ(from_json(std::string(kMaxJsonBytes + 1, ' ')).error().code, util::Errc::limit);
    EXPECT_EQ(from_json(std::string(100'000, '[')).error().code, util::Errc::limit);
    std::string many = "[0";
    for (std::size_t i = 0; i <= kMaxJsonValues; ++i) many += ",0";
    EXPECT_EQ(from_json(many + "]").error().code, util::Errc::limit);
}

TEST(ReadJson, SaysLineAndColumn) {
    EXPECT_EQ(from_json("{\n \"a\": x}").error().text(), "2:7: is not JSON");
    EXPECT_EQ(from_json("").error().text(), "1:1: is not JSON");
    EXPECT_EQ(from_json("[]").error().text(), "must be an object");
}

TEST(MeasureJson, BracketsInStringsDoNotCount) {
    EXPECT_EQ(measure_json(R"({"a":"[[[\"{{","b":[1,2]})").depth, 2u);
    EXPECT_EQ(measure_json(R"({"a":"[,,,","b":[1,2]})").values, 5u);
    EXPECT_EQ(measure_json("]]]}").depth, 0u);
    EXPECT_EQ(measure_json("\"\\").depth, 0u);
}

TEST(Timestamp, GoesBothWays) {
    for (const std::int64_t time : {std::int64_t{0}, std::int64_t{1'736'156'455}, std::int64_t{-1},
                                    std::int64_t{253'402'300'799}, std::int64_t{951'782'400}}) {
        const auto text = to_timestamp(time);
        ASSERT_TRUE(text);
        EXPECT_EQ(parse_timestamp(*text), time) << *text;
    }
    EXPECT_EQ(to_timestamp(951'782'400), "2000-02-29T00:00:00Z");
    EXPECT_FALSE(to_timestamp(253'402'300'800));
    EXPECT_FALSE(to_timestamp(std::numeric_limits<std::int64_t>::min()));
    for (const char* bad : {"", "2025-13-01T00:00:00Z", "2025-02-29T00:00:00Z", "2025-01-01T24:00:00Z",
                            "2025-01-01 00:00:00Z", "2025-01-01T00:00:00+00:00", "2025-01-01T00:00:0xZ"})
        EXPECT_FALSE(parse_timestamp(bad)) << bad;
}

}   // namespace
}   // namespace microengine::report
