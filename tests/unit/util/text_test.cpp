// SPDX-License-Identifier: MIT
#include "host/util/text.hpp"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <string>
#include <vector>

namespace microengine::util {
namespace {

TEST(Utf8, TakesEveryWellFormedLength) { EXPECT_TRUE(is_utf8("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80")); }

TEST(Utf8, RefusesOverlongSurrogatesCutAndTooLarge) {
    for (const std::string text :
         {"\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xE2\x82", "\xF4\x90\x80\x80", "\x80", "\xFF"})
        EXPECT_FALSE(is_utf8(text)) << printable(text);
}

TEST(Utf8, ReplacesOnlyTheBadBytes) {
    EXPECT_EQ(to_utf8("a\xFF"
                      "b\xC3\xA9"),
              "a\xEF\xBF\xBD"
              "b\xC3\xA9");
}

TEST(Printable, NeutralisesWhatCouldSteerATerminalOrHideText) {
    EXPECT_EQ(printable("ok\x1b[31m\n\x7f"), "ok\\x1b[31m\\x0a\\x7f");
    EXPECT_EQ(printable("\xE2\x80\xAE"
                        "gpj.exe"),
              "\\u{202e}gpj.exe");
    EXPECT_EQ(printable("\xC2\x9B"), "\\u{009b}");
    EXPECT_EQ(printable("caf\xC3\xA9 \xFF"), "caf\xC3\xA9 \\xff");
}

TEST(Cut, NeverSplitsACharacter) {
    EXPECT_EQ(cut("ab\xC3\xA9", 3), "ab");
    EXPECT_EQ(cut("ab\xC3\xA9", 4), "ab\xC3\xA9");
    EXPECT_EQ(cut("\x80\x80\x80", 2), "");
}

TEST(DidYouMean, FindsTypingErrorsAndNothingElse) {
    constexpr std::array<std::string_view, 3> kKeys{"weight", "timeout_ms", "name"};
    EXPECT_EQ(did_you_mean("wieght", kKeys), "weight");
    EXPECT_EQ(did_you_mean("timeout", kKeys), "timeout_ms");
    EXPECT_EQ(did_you_mean("colour", kKeys), "");
    EXPECT_EQ(did_you_mean("", kKeys), "");
}

TEST(JoinNames, ReadsAsASentence) {
    const std::vector<std::string> names{"a", "b", "c", "d", "e"};
    EXPECT_EQ(join_names(std::span(names).first(1), 3), "a");
    EXPECT_EQ(join_names(std::span(names).first(2), 3), "a and b");
    EXPECT_EQ(join_names(std::span(names).first(3), 3), "a, b and c");
    EXPECT_EQ(join_names(names, 3), "a, b, c and 2 more");
}

TEST(Human, SizesAndDurations) {
    EXPECT_EQ(human_bytes(0), "0 bytes");
    EXPECT_EQ(human_bytes(1), "1 byte");
    EXPECT_EQ(human_bytes(68), "68 bytes");
    EXPECT_EQ(human_bytes(1'500'000), "1.5 MB");
    EXPECT_EQ(human_bytes(2'000), "2 kB");
    EXPECT_EQ(human_bytes(std::numeric_limits<std::uint64_t>::max()), "18446 PB");
    EXPECT_EQ(human_duration(850'000), "850 µs");
    EXPECT_EQ(human_duration(2'300'000'000), "2.3 s");
    EXPECT_EQ(human_duration(250'000'000'000), "4 min 10 s");
    EXPECT_EQ(with_commas(1'234'567), "1,234,567");
    EXPECT_EQ(with_commas(12), "12");
}

}   // namespace
}   // namespace microengine::util
