// SPDX-License-Identifier: MIT
#include "host/bounty/reply.hpp"

#include "host/util/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <limits>
#include <string>

namespace microengine::bounty {
namespace {

using core::Verdict;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// As the page has it.
Reply malicious() {
    Reply reply;
    reply.verdict = Verdict::malicious;
    reply.bid = kOneNct;
    reply.malware_family = "Eicar-Test-Signature";
    reply.confidence = kCertainly;
    reply.version = "1.0.0";
    reply.vendor_version = "clamav 1.4.6; yara 4.5.0";
    reply.signatures_version = "clamav 27500; yara 3f2a9c1d";
    reply.operating_system = "Linux";
    reply.architecture = "x86_64";
    reply.backends = {{.name = "clamav",
                       .verdict = "malicious",
                       .outcome = "completed",
                       .vendor_version = "1.4.6",
                       .signatures_version = "27500"}};
    return reply;
}

std::string fault(const std::string& json, Phase phase = Phase::assertion) {
    return find_fault(json, phase, Rules{}).value_or("none");
}
std::string fault_of_metadata(const std::string& members) {
    return fault(R"({"verdict":"unknown","bid":0,"metadata":{"malware_family":"",)" + members + "}}");
}
nlohmann::json metadata(const Reply& reply) {
    return nlohmann::json::parse(write_reply(reply)).at("metadata");
}

TEST(Reply, AsThePageHasIt) {
    EXPECT_EQ(
        write_reply(malicious()),
        R"({"verdict":"malicious","bid":1000000000000000000,"metadata":{"malware_family":"Eicar-Test-Signature",)"
        R"("confidence":1.0,"product":"microengine","comments":[],"heuristic":false,)"
        R"("scanner":{"version":"1.0.0","vendor_version":"clamav 1.4.6; yara 4.5.0",)"
        R"("signatures_version":"clamav 27500; yara 3f2a9c1d",)"
        R"("environment":{"operating_system":"linux","architecture":"x86_64"}},)"
        R"("backends":[{"name":"clamav","verdict":"malicious","outcome":"completed","vendor_version":"1.4.6",)"
        R"("signatures_version":"27500"}]}})");
    EXPECT_EQ(fault(write_reply(malicious())), "none");
}

TEST(Reply, AVoteHasNoBid) {
    Reply vote = malicious();
    vote.phase = Phase::vote;
    for (const auto verdict : {Verdict::unknown, Verdict::benign, Verdict::suspicious, Verdict::malicious}) {
        vote.verdict = verdict;
        vote.bid = Wei{};
        EXPECT_THAT(write_reply(vote), Not(HasSubstr("bid")));
        EXPECT_EQ(fault(write_reply(vote), Phase::vote), "none");
        EXPECT_EQ(read_reply(write_reply(vote))->verdict, verdict);
    }
}

TEST(Reply, OnlyWhoIsSureBets) {
    Reply reply = malicious();
    for (const auto verdict : {Verdict::unknown, Verdict::suspicious}) {
        reply.verdict = verdict;
        EXPECT_THAT(write_reply(reply), HasSubstr(R"("bid":0,)"));
        EXPECT_EQ(fault(write_reply(reply)), "none");
    }
}

TEST(Reply, AnAssertionThatBetsNothingIsUnknown) {
    for (const auto verdict : {Verdict::benign, Verdict::malicious}) {
        Reply reply = malicious();
        reply.verdict = verdict;
        reply.bid = Wei{};
        EXPECT_THAT(write_reply(reply), HasSubstr(R"({"verdict":"unknown","bid":0,)"));
        EXPECT_EQ(fault(write_reply(reply)), "none");
    }
}

TEST(Reply, ALargeBidKeepsEveryDigit) {
    Reply reply = malicious();
    reply.bid = Wei{kWeiEnd - 1};
    EXPECT_THAT(write_reply(reply), HasSubstr(R"("bid":79228162514264337593543950335,)"));
    EXPECT_EQ(read_reply(write_reply(reply))->bid, reply.bid);
}

TEST(Reply, AConfidenceHasADecimalPointAndNoExponent) {
    struct Row {
        Confidence confidence;
        std::string text;
    };
    Reply reply = malicious();
    for (const Row& row : {Row{0, "0.0"}, Row{1, "0.000001"}, Row{10, "0.00001"}, Row{250'000, "0.25"},
                           Row{999'999, "0.999999"}, Row{kCertainly, "1.0"},
                           Row{std::numeric_limits<Confidence>::max(), "1.0"}}) {
        reply.confidence = row.confidence;
        EXPECT_THAT(write_reply(reply), HasSubstr("\"confidence\":" + row.text + ","));
        EXPECT_EQ(fault(write_reply(reply)), "none");
    }
    reply.confidence.reset();
    EXPECT_THAT(write_reply(reply), Not(HasSubstr("confidence")));
}

TEST(Reply, OurVersionIsCutToWhatIsTaken) {
    struct Row {
        std::string version;
        std::string text;
    };
    Reply reply = malicious();
    for (const Row& row :
         {Row{"1.1.0-rc1", "1.1.0"}, Row{"1.1.", "1.1"}, Row{"1..2", "1"}, Row{"12", "12"},
          Row{"1.2+git", "1.2"}, Row{"v1", ""}, Row{"", ""}, Row{".1", ""}, Row{"...", ""}}) {
        reply.version = row.version;
        EXPECT_EQ(metadata(reply).at("scanner").value("version", ""), row.text) << row.version;
        EXPECT_EQ(fault(write_reply(reply)), "none") << row.version;
    }
    reply.version.clear();
    for (int i = 0; i < 1000; ++i) reply.version += "1.";
    EXPECT_EQ(fault(write_reply(reply)), "none");
}

TEST(Reply, ALeastOne) {
    EXPECT_EQ(
        write_reply(Reply{}),
        R"({"verdict":"unknown","bid":0,"metadata":{"malware_family":"","product":"microengine","comments":[],)"
        R"("heuristic":false,"scanner":{"environment":{}}}})");
    EXPECT_EQ(fault(write_reply(Reply{})), "none");
}

TEST(Reply, TextsAreMadeSafe) {
    Reply reply = malicious();
    reply.malware_family = std::string("a\0b\"\\\n\xff\xc2\x85/\xc3\xa9", 12);
    const std::string bad = "\xEF\xBF\xBD";
    EXPECT_EQ(metadata(reply).at("malware_family"), "a" + bad + "b\"\\" + bad + bad + bad + "/\xc3\xa9");
    EXPECT_EQ(fault(write_reply(reply)), "none");
}

TEST(Reply, TextsAreCutAtCharacterBorders) {
    Reply reply = malicious();
    reply.malware_family = "x" + std::string(400, ' ');
    for (std::size_t i = 1; i < reply.malware_family.size(); i += 2)
        reply.malware_family.replace(i, 2, "\xc3\xa9");
    const auto family = metadata(reply).at("malware_family").get<std::string>();
    EXPECT_EQ(family, reply.malware_family.substr(0, 255));
    reply.malware_family = std::string(400, '\x01');   // three bytes each when replaced
    EXPECT_LE(metadata(reply).at("malware_family").get<std::string>().size(), 256U);
    reply.comments.assign(20, std::string(300, 'c'));
    EXPECT_EQ(metadata(reply).at("comments").size(), 16U);
    EXPECT_EQ(metadata(reply).at("comments").at(15), std::string(256, 'c'));
    reply.vendor_version = std::string(600, 'v');
    EXPECT_EQ(metadata(reply).at("scanner").at("vendor_version"), std::string(512, 'v'));
}

TEST(Reply, OverSixteenKibibytesTheBackendsGo) {
    Reply reply = malicious();
    const BackendEntry entry = reply.backends.front();
    while (metadata(reply).contains("backends")) reply.backends.push_back(entry);
    EXPECT_GT(reply.backends.size(), 100U);
    EXPECT_EQ(fault(write_reply(reply)), "none");
    reply.backends.pop_back();
    EXPECT_TRUE(metadata(reply).contains("backends"));
    EXPECT_EQ(fault(write_reply(reply)), "none");
    reply.backends.assign(100'000, entry);
    EXPECT_FALSE(metadata(reply).contains("backends"));
}

TEST(Reply, TheLargestIsTaken) {
    Reply reply = malicious();
    const std::string quotes(10'000, '"');
    reply.malware_family = reply.vendor_version = reply.signatures_version = quotes;
    reply.operating_system = reply.architecture = quotes;
    reply.comments.assign(100, quotes);
    reply.backends.assign(100, {.name = quotes,
                                .verdict = quotes,
                                .outcome = quotes,
                                .vendor_version = quotes,
                                .signatures_version = quotes});
    EXPECT_EQ(fault(write_reply(reply)), "none");
    EXPECT_EQ(metadata(reply).at("comments").size(), 16U);
}

TEST(Reply, ReadsBack) {
    Reply reply = malicious();
    reply.comments = {std::string(kDecompressionUnsafe), "because"};
    reply.confidence = 250'000;
    const auto facts = read_reply(write_reply(reply));
    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->verdict, Verdict::malicious);
    EXPECT_EQ(facts->bid, kOneNct);
    EXPECT_EQ(facts->malware_family, "Eicar-Test-Signature");
    EXPECT_THAT(facts->comments, ElementsAre("SKIPPED:DECOMPRESSION-UNSAFE", "because"));
    EXPECT_EQ(facts->confidence, 0.25);
    EXPECT_EQ(facts->scanner_version, "1.0.0");
    EXPECT_EQ(facts->architecture, "x86_64");
}

TEST(Reply, WhatIsNoneHasNoFacts) {
    for (const auto* const json :
         {"", "[]", "{}", R"({"verdict":null})", R"({"verdict":"MALICIOUS"})", R"("unknown")"})
        EXPECT_FALSE(read_reply(json)) << json;
    const auto least = read_reply(R"({"verdict":"benign","bid":1.0,"metadata":[]})");
    ASSERT_TRUE(least);
    EXPECT_EQ(least->verdict, Verdict::benign);
    EXPECT_FALSE(least->bid);
    EXPECT_FALSE(least->confidence);
}

TEST(Reply, FaultsOfTheFrame) {
    EXPECT_EQ(fault(""), "is not JSON");
    EXPECT_EQ(fault("{\"verdict\":\"\xff\"}"), "is not JSON");
    EXPECT_EQ(fault("[]"), "is no JSON object");
    EXPECT_EQ(fault("{}"), "verdict is not one of the four");
    EXPECT_EQ(fault(R"({"verdict":3,"bid":0,"metadata":{"malware_family":""}})"),
              "verdict is not one of the four");
    EXPECT_EQ(fault(R"({"verdict":"unknown","metadata":{"malware_family":""}})"), "bid is required");
    EXPECT_EQ(fault(R"({"verdict":"unknown","bid":null,"metadata":{"malware_family":""}})"),
              "bid must be written as an integer");
    EXPECT_EQ(fault(R"({"verdict":"unknown","bid":-1,"metadata":{"malware_family":""}})"),
              "unknown bids nothing");
    EXPECT_EQ(fault(R"({"verdict":"suspicious","bid":1,"metadata":{"malware_family":""}})"),
              "suspicious bids nothing");
    EXPECT_EQ(fault(R"({"verdict":"benign","bid":-1,"metadata":{"malware_family":""}})"),
              "bid outside rules");
    EXPECT_EQ(
        fault(
            R"({"verdict":"benign","bid":99999999999999999999999999999999,"metadata":{"malware_family":""}})"),
        "bid outside rules");
    EXPECT_EQ(fault(R"({"verdict":"unknown","bid":0})"), "metadata is required");
    EXPECT_EQ(fault(R"({"verdict":"unknown","bid":0,"metadata":null})"), "metadata is an object");
    EXPECT_EQ(fault(R"({"verdict":"benign","metadata":{"malware_family":""},"bid":null})", Phase::vote),
              "a vote has no bid");
    EXPECT_EQ(find_fault(R"({"verdict":"benign","bid":0,"metadata":{"malware_family":""}})", Phase::assertion,
                         {.min = Wei{}, .max = kOneNct}),
              "bid outside rules");   // at least 1
}

TEST(Reply, FaultsOfTheMetadata) {
    struct Row {
        const char* members;
        const char* why;
    };
    for (const Row& row : {
             Row{R"("malware_family":["x"])", "malware_family is a string"},
             Row{R"("confidence":null)", "confidence is a number"},
             Row{R"("confidence":"1.0")", "confidence is a number"},
             Row{R"("confidence":0)", "confidence is written with a decimal point"},
             Row{R"("confidence":-0.1)", "confidence is within 0.0 and 1.0"},
             Row{R"("confidence":1e999)", "confidence is within 0.0 and 1.0"},
             Row{R"("confidence":1.0)", "none"},
             Row{R"("confidence":5e-1)", "none"},
             Row{R"("product":"Micro")", "product is lower-case words joined by -"},
             Row{R"("product":"a--b")", "product is lower-case words joined by -"},
             Row{R"("product":"-a")", "product is lower-case words joined by -"},
             Row{R"("product":"")", "product is lower-case words joined by -"},
             Row{R"("product":"my-engine-2")", "none"},
             Row{R"("comments":null)", "comments is an array of strings"},
             Row{R"("comments":"x")", "comments is an array of strings"},
             Row{R"("comments":["x",1])", "comments is an array of strings"},
             Row{R"("heuristic":"yes")", "heuristic is true, false or null"},
             Row{R"("heuristic":null)", "none"},
             Row{R"("scanner":"x")", "scanner is an object"},
             Row{R"("scanner":{"version":"1."})", "scanner.version is digits and dots"},
             Row{R"("scanner":{"version":""})", "scanner.version is digits and dots"},
             Row{R"("scanner":{"version":"1..2"})", "scanner.version is digits and dots"},
             Row{R"("scanner":{"version":1})", "scanner.version is digits and dots"},
             Row{R"("scanner":{"version":null})", "none"},
             Row{R"("scanner":{"polyswarmclient_version":"2.x"})",
                 "scanner.polyswarmclient_version is digits and dots"},
             Row{R"("scanner":{"vendor_version":7})", "scanner.vendor_version is a string"},
             Row{R"("scanner":{"signatures_version":[]})", "scanner.signatures_version is a string"},
             Row{R"("scanner":{"environment":[]})", "scanner.environment is an object"},
             Row{R"("scanner":{"environment":{"architecture":64}})",
                 "scanner.environment.architecture is a string"},
             Row{R"("domains":["ab"])", "domains are strings of 3 to 127 characters"},
             Row{R"("domains":["a.b",null])", "domains are strings of 3 to 127 characters"},
             Row{R"("domains":["a.b"])", "none"},
             Row{R"("domains":null)", "none"},
             Row{R"("ip_addresses":["1.2.3"])", "ip_addresses are IPv4 or IPv6 addresses"},
             Row{R"("ip_addresses":["1.2.3.4\u0000"])", "ip_addresses are IPv4 or IPv6 addresses"},
             Row{R"("ip_addresses":["1.2.3.4","::1"])", "none"},
             Row{R"("stix":[{"schema":"x"}])", "stix is objects with a schema and a signature"},
             Row{R"("stix":[{"schema":"x","signature":[1]}])", "none"},
             Row{R"("anything":{"else":[1,2]})", "none"},
         })
        EXPECT_EQ(fault_of_metadata(row.members), row.why) << row.members;
    EXPECT_EQ(fault_of_metadata(R"("domains":[")" + std::string(128, 'a') + R"("])"),
              "domains are strings of 3 to 127 characters");
    EXPECT_EQ(fault_of_metadata(R"("more":")" + std::string(kMostMetadataBytes, 'a') + "\""),
              "metadata has more than 16 KiB");
}

}   // namespace
}   // namespace microengine::bounty
