// SPDX-License-Identifier: MIT
#include "host/fetch/data_url.hpp"

#include <gmock/gmock.h>

#include <string>
#include <string_view>

namespace {

using microengine::fetch::decode_data_url;
using microengine::fetch::is_data_url;
using microengine::util::Errc;

constexpr std::size_t kPlenty = 1'000;

std::string bytes_of(std::string_view url) {
    const auto decoded = decode_data_url(url, kPlenty);
    if (!decoded) return "error: " + decoded.error().message;
    return {decoded->bytes.begin(), decoded->bytes.end()};
}

std::string type_of(std::string_view url) {
    const auto decoded = decode_data_url(url, kPlenty);
    return decoded ? decoded->type : "error: " + decoded.error().message;
}

TEST(DataUrl, IsKnownByItsScheme) {
    EXPECT_TRUE(is_data_url("data:,"));
    EXPECT_TRUE(is_data_url("DaTa:"));
    EXPECT_FALSE(is_data_url("data"));
    EXPECT_FALSE(is_data_url(""));
    EXPECT_FALSE(is_data_url("datas:,x"));
    EXPECT_FALSE(is_data_url(" data:,x"));
}

TEST(DataUrl, BytesArePercentDecoded) {
    EXPECT_EQ(bytes_of("data:,plain"), "plain");
    EXPECT_EQ(bytes_of("data:,a%20b%2Cc%2cd+e"), "a b,c,d+e");
    EXPECT_EQ(bytes_of("data:,%00%ff"), std::string("\0\xFF", 2));
    EXPECT_EQ(bytes_of("data:,one,two"), "one,two");
    EXPECT_EQ(bytes_of("data:,"), "");
}

TEST(DataUrl, APercentSignWithoutTwoDigitsStandsForItself) {
    EXPECT_EQ(bytes_of("data:,100%"), "100%");
    EXPECT_EQ(bytes_of("data:,%4"), "%4");
    EXPECT_EQ(bytes_of("data:,%zz%4g%41"), "%zz%4gA");
    EXPECT_EQ(bytes_of("data:,%%41"), "%A");
}

TEST(DataUrl, AFragmentIsNotPartOfTheBytes) {
    EXPECT_EQ(bytes_of("data:,a#b"), "a");
    EXPECT_EQ(bytes_of("data:,a%23b"), "a#b");
}

TEST(DataUrl, Base64WithAndWithoutPaddingInBothAlphabets) {
    EXPECT_EQ(bytes_of("data:;base64,aHR0cDovL21hbHdhcmUuZXhhbXBsZS9sYW5kaW5n"),
              "http://malware.example/landing");
    EXPECT_EQ(bytes_of("data:;base64,YQ=="), "a");
    EXPECT_EQ(bytes_of("data:;base64,YQ"), "a");
    EXPECT_EQ(bytes_of("data:;base64,YWI="), "ab");
    EXPECT_EQ(bytes_of("data:;base64,YWI"), "ab");
    EXPECT_EQ(bytes_of("data:;base64,YWJj"), "abc");
    EXPECT_EQ(bytes_of("data:;BASE64,-_8"), "\xFB\xFF");
    EXPECT_EQ(bytes_of("data:;base64,+/8"), "\xFB\xFF");
    EXPECT_EQ(bytes_of("data:;base64,"), "");
}

TEST(DataUrl, Base64MayBePercentEncodedAndBroken) {
    EXPECT_EQ(bytes_of("data:;base64,%59Q%3D%3D"), "a");
    EXPECT_EQ(bytes_of("data:;base64,Y%0D%0AW%20Jj"), "abc");
}

TEST(DataUrl, WhatIsNoBase64IsRefused) {
    for (const std::string_view body :
         {"Y", "YWJjZ", "YQ=", "YQ===", "YWJj=", "YQ==YQ==", "=", "Y*Q=", "%zz", "YQ==a"})
        EXPECT_EQ(bytes_of("data:;base64," + std::string(body)), "error: what follows ;base64 is no base64")
            << body;
}

TEST(DataUrl, TheTypeIsAsGiven) {
    EXPECT_EQ(type_of("data:text/uri-list;base64,YQ"), "text/uri-list");
    EXPECT_EQ(type_of("data:Text/Plain;charset=utf-8,a"), "Text/Plain");
    EXPECT_EQ(type_of("data:,a"), "");
    EXPECT_EQ(type_of("data:;base64,YQ"), "");
}

TEST(DataUrl, OnlyTheLastParameterSaysBase64) {
    EXPECT_EQ(bytes_of("data:text/plain;charset=utf-8;base64,YQ"), "a");
    EXPECT_EQ(bytes_of("data:text/plain;base64;charset=utf-8,YQ"), "YQ");
    EXPECT_EQ(bytes_of("data:base64,YQ"), "YQ");
    EXPECT_EQ(bytes_of("data:;base64=1,YQ"), "YQ");
}

TEST(DataUrl, WithoutACommaOrWithAnotherSchemeIsRefused) {
    EXPECT_EQ(bytes_of("data:text/plain"), "error: there is no comma in it");
    EXPECT_EQ(bytes_of("data:text/plain#,a"), "error: there is no comma in it");
    EXPECT_EQ(bytes_of("http://store.example/a,b"), "error: the URL has another scheme");
}

TEST(DataUrl, TheLimitCountsDecodedBytes) {
    EXPECT_TRUE(decode_data_url("data:,%41%41%41", 3).has_value());
    EXPECT_TRUE(decode_data_url("data:;base64,YWJj", 3).has_value());
    EXPECT_TRUE(decode_data_url("data:;base64,YWI=", 2).has_value());
    EXPECT_TRUE(decode_data_url("data:,", 0).has_value());
    for (const std::string_view url : {"data:,%41%41%41", "data:;base64,YWJj"}) {
        const auto decoded = decode_data_url(url, 2);
        ASSERT_FALSE(decoded.has_value());
        EXPECT_EQ(decoded.error().code, Errc::limit);
        EXPECT_EQ(decoded.error().text(), "data: has 3 bytes, at most 2 are taken");
    }
}

}   // namespace
