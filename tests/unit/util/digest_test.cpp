// SPDX-License-Identifier: MIT
#include "host/util/digest.hpp"

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <string_view>

namespace microengine::util {
namespace {

std::span<const std::uint8_t> bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// FIPS 180-4 example values.
TEST(Sha256, MatchesThePublishedVectors) {
    EXPECT_EQ(hex(sha256(bytes(""))), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(hex(sha256(bytes("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256Stream, PiecesGiveTheWholeAndItStartsAnew) {
    Sha256Stream stream;
    stream.update(bytes("a"));
    stream.update(bytes("bc"));
    EXPECT_EQ(stream.finish(), sha256(bytes("abc")));
    EXPECT_EQ(stream.finish(), sha256(bytes("")));
}

TEST(ParseSha256, TakesBothCasesAndRefusesTheRest) {
    const std::string lower = hex(sha256(bytes("abc")));
    std::string upper = lower;
    for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    EXPECT_EQ(parse_sha256(lower), sha256(bytes("abc")));
    EXPECT_EQ(parse_sha256(upper), sha256(bytes("abc")));
    EXPECT_FALSE(parse_sha256(lower.substr(1)));
    EXPECT_FALSE(parse_sha256(lower + "0"));
    EXPECT_FALSE(parse_sha256("g" + lower.substr(1)));
}

}   // namespace
}   // namespace microengine::util
