// SPDX-License-Identifier: MIT
#include "host/bounty/json.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace microengine::bounty {
namespace {

using Kind = JsonValue::Kind;

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

JsonMembers members(std::string_view text) {
    const auto value = read_json(text).value;
    EXPECT_TRUE(value) << text;
    return value ? members_of(*value) : JsonMembers{};
}

TEST(Json, TokensAreKeptAsSent) {
    const auto fields = members(
        R"( { "a" : 1.0 , "b":-0,"c":123456789012345678901234567890,"d":1e999,"e":"\u0041\/","f":[ 1 ],"g":null} )");
    EXPECT_EQ(fields.at("a").raw, "1.0");
    EXPECT_EQ(fields.at("b").raw, "-0");
    EXPECT_EQ(fields.at("c").raw, "123456789012345678901234567890");
    EXPECT_EQ(fields.at("d").raw, "1e999");
    EXPECT_EQ(fields.at("e").raw, R"("\u0041\/")");
    EXPECT_EQ(text_of(fields.at("e")), "A/");
    EXPECT_EQ(fields.at("f").raw, "[ 1 ]");
    EXPECT_EQ(fields.at("g").kind, Kind::null);
}

TEST(Json, OfDoubledNamesTheLastHolds_HoweverTheyAreEscaped) {
    EXPECT_EQ(members(R"({"id":1,"\u0069d":2})").at("id").raw, "2");
}

TEST(Json, IsTakenAndRefusedAsElsewhere) {
    for (const char* text : {"",
                             " ",
                             "{}",
                             "[]",
                             "{\"a\":1,}",
                             "[1,]",
                             "[,1]",
                             "[1 2]",
                             "{\"a\"}",
                             "{\"a\" 1}",
                             "{a:1}",
                             "{1:1}",
                             "nul",
                             "true false",
                             "01",
                             "-",
                             "1.",
                             ".5",
                             "1e+",
                             "1E-05",
                             "-0.0",
                             "\"",
                             "\"\\x\"",
                             "\"\\u12g4\"",
                             "\"\\\"",
                             "\"\t\"",
                             "\"\x7f\"",
                             "\"\xff\"",
                             "\"\xc3\xa9\"",
                             "\"\xed\xa0\x80\"",
                             "[1]]",
                             "{]",
                             "[}",
                             "// c\n1",
                             "\xEF\xBB\xBF",
                             "'a'",
                             "NaN",
                             "\f1",
                             "[\"a\",{\"b\":[null,true,false]}]"})
        EXPECT_EQ(read_json(text).value.has_value(), nlohmann::json::accept(text)) << text;
}

TEST(Json, SaysWhereItDidNotGoOn) {
    EXPECT_EQ(read_json("{\"a\":x}").at, 5U);
    EXPECT_EQ(read_json("[1,2").at, 4U);
    EXPECT_EQ(read_json("{} {}").at, 3U);
}

TEST(Json, IsReadTo32Levels) {
    EXPECT_TRUE(read_json(nested(32)).value);
    EXPECT_FALSE(read_json(nested(33)).value);
    EXPECT_FALSE(read_json(nested(1'000'000)).value);
    EXPECT_FALSE(read_json(std::string(1'000'000, '[')).value);
    std::string objects;
    for (int i = 0; i < 33; ++i) objects += "{\"a\":";
    EXPECT_FALSE(read_json(objects + "1" + std::string(33, '}')).value);
}

TEST(Json, TextIsDecodedAsElsewhere) {
    for (const char* text :
         {R"("")", R"("\"\\\/\b\f\n\r\t")", R"("a\u0000b")", R"("\u00e9\u20AC")", "\"\xc3\xa9\"",
          R"("\ud83d\ude00!")", R"("\u007f\u0080\u07ff\u0800\uffff")", R"("\udbff\udfff")"}) {
        const auto value = read_json(text).value;
        ASSERT_TRUE(value) << text;
        EXPECT_EQ(text_of(*value), nlohmann::json::parse(text).get<std::string>()) << text;
        EXPECT_EQ(text_of(*read_json(to_json_text(text_of(*value))).value), text_of(*value)) << text;
    }
}

TEST(Json, LoneSurrogatesAreReplaced) {
    // Names of files that are no UTF-8 are written like this by some.
    for (const char* text : {R"("\ud83d")", R"("\ude00")", R"("\udce9")"})
        EXPECT_EQ(text_of(*read_json(text).value), "\xEF\xBF\xBD") << text;
    EXPECT_EQ(text_of(*read_json(R"("\ud83dx\ud83d\u0041")").value),
              "\xEF\xBF\xBDx\xEF\xBF\xBD"
              "A");
}

TEST(Json, WhatIsWrittenIsJson) {
    std::string text;
    for (int c = 0; c < 128; ++c) text += static_cast<char>(c);
    EXPECT_EQ(nlohmann::json::parse(to_json_text(text)).get<std::string>(), text);
}

}   // namespace
}   // namespace microengine::bounty
