// SPDX-License-Identifier: MIT
#include "host/bounty/wei.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace microengine::bounty {
namespace {

const std::string kLargest = "79228162514264337593543950335";   // 2^96 - 1

std::string amount(std::string_view text) {
    const auto read = parse_amount(text);
    return read ? to_text(*read) : "refused: " + read.error().text();
}

std::string rule(std::string_view token, Round fraction) {
    const auto read = parse_rule_value(token, fraction);
    return read ? to_text(*read) : "none";
}

TEST(Wei, DigitsThereAndBack) {
    for (const std::string& digits :
         {std::string("0"), std::string("1"), std::string("9007199254740993"),
          std::string("18446744073709551615"), std::string("18446744073709551616"), kLargest}) {
        const auto read = parse_wei(digits);
        ASSERT_TRUE(read) << digits;
        EXPECT_EQ(to_text(*read), digits);
    }
    EXPECT_EQ(parse_wei("007"), Wei{7});
}

TEST(Wei, WhatIsNoAmountOfDigits) {
    for (const auto* const text :
         {"", " 1", "1 ", "+1", "-1", "1.0", "1e3", "0x1", "1,000", "79228162514264337593543950336",
          "340282366920938463463374607431768211456", "999999999999999999999999999999999999999999999999"})
        EXPECT_FALSE(parse_wei(text)) << text;
}

TEST(Wei, ForPeopleNoDigitIsLostAndNoneSuperfluous) {
    EXPECT_EQ(to_nct(Wei{}), "0 NCT");
    EXPECT_EQ(to_nct(Wei{1}), "0.000000000000000001 NCT");
    EXPECT_EQ(to_nct(kOneNct), "1 NCT");
    EXPECT_EQ(to_nct(Wei{1'062'500'000'000'000'000U}), "1.0625 NCT");
    EXPECT_EQ(to_nct(Wei{kWeiEnd - 1}), "79228162514.264337593543950335 NCT");
}

TEST(Wei, AConfigurationSaysItWithAUnit) {
    EXPECT_EQ(amount("1.5 NCT"), "1500000000000000000");
    EXPECT_EQ(amount("2NCT"), "2000000000000000000");
    EXPECT_EQ(amount("0.000000000000000001 NCT"), "1");
    EXPECT_EQ(amount("62500000000000000 wei"), "62500000000000000");
    EXPECT_EQ(amount(kLargest + " wei"), kLargest);
    EXPECT_EQ(amount("79228162514.264337593543950335 NCT"), kLargest);
}

TEST(Wei, AnAmountThatIsNoneSaysWhatIsWanted) {
    for (const auto* const text : {"", "1", "1.5", "NCT", ". NCT", ".5 NCT", "1. NCT", "1.2.3 NCT", "-1 NCT",
                                   "1 ETH", "1 nct", "1  NCT ", "1e3 wei", "1 NCT wei"})
        EXPECT_THAT(amount(text), testing::HasSubstr("such as \"1.5 NCT\"")) << text;
    EXPECT_THAT(amount("0.0000000000000000001 NCT"), testing::HasSubstr("18 decimals"));
    EXPECT_THAT(amount("1.0 wei"), testing::HasSubstr("no decimals"));
    EXPECT_THAT(amount("79228162514.264337593543950336 NCT"), testing::HasSubstr("less than"));
}

TEST(Wei, ARuleIsRoundedIntoTheRange) {
    EXPECT_EQ(rule("0.1", Round::up), "1");
    EXPECT_EQ(rule("0.1", Round::down), "0");
    EXPECT_EQ(rule("5e-1", Round::up), "1");
    EXPECT_EQ(rule("1e-999999999999999999999", Round::up), "1");
    EXPECT_EQ(rule("1e-999999999999999999999", Round::down), "0");
    EXPECT_EQ(rule("12345e-2", Round::down), "123");
    EXPECT_EQ(rule("12345e-2", Round::up), "124");
    EXPECT_EQ(rule("12300e-2", Round::up), "123");
    EXPECT_EQ(rule("0.000000000000000000000000000000000000000000000005e48", Round::up), "5");
}

TEST(Wei, ZeroIsZeroHoweverItIsWritten) {
    for (const auto* const text : {"0", "-0", "0.0", "-0.0e5", "0e999999999999999999999", "\"0\"", "\"000\""})
        EXPECT_EQ(rule(text, Round::up), "0") << text;
}

TEST(Wei, ARuleWithoutAnAmount) {
    EXPECT_EQ(rule(kLargest + ".5", Round::down), kLargest);
    EXPECT_EQ(rule(kLargest + ".5", Round::up), "none");
    for (const auto* const text : {"",       "-0.5", "1e29",     "1e999999999999999999999",
                                   "01",     "1.",   ".1",       "1e",
                                   "+1",     "0x10", "Infinity", "NaN",
                                   "\"\"",   "\"",   "\"1e18\"", "\" 1\"",
                                   "\"-1\"", "\"1",  "[1]",      "{}",
                                   "false"})
        EXPECT_EQ(rule(text, Round::down), "none") << text;
}

}   // namespace
}   // namespace microengine::bounty
