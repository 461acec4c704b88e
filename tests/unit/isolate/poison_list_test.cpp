// SPDX-License-Identifier: MIT
#include "host/isolate/poison_list.hpp"

#include <gtest/gtest.h>

namespace microengine::isolate {
namespace {

constexpr std::uint64_t kHour = 3600ULL * 1'000'000'000;

util::Sha256 key(unsigned number) {
    util::Sha256 digest{};
    digest[0] = static_cast<std::uint8_t>(number);
    digest[31] = static_cast<std::uint8_t>(number >> 8);   // beyond what is hashed
    return digest;
}

struct PoisonListTest : testing::Test {
    void list(unsigned number) {
        poison.strike(key(number), now);
        poison.strike(key(number), now);
    }
    PoisonList poison;
    std::uint64_t now = 1000 * kHour;
};

TEST_F(PoisonListTest, TwoStrikesListAnArtifact) {
    EXPECT_FALSE(poison.listed(key(1), now));
    EXPECT_EQ(poison.strike(key(1), now), 1u);
    EXPECT_FALSE(poison.listed(key(1), now));   // one may have been heap damage of an earlier artifact
    EXPECT_EQ(poison.strike(key(1), now), 2u);
    EXPECT_TRUE(poison.listed(key(1), now));
    EXPECT_FALSE(poison.listed(key(2), now));
    EXPECT_FALSE(poison.listed(key(1 + 256), now));
}

TEST_F(PoisonListTest, AnArtifactWithoutADigestIsNeverListed) {
    for (int i = 0; i < 5; ++i) EXPECT_EQ(poison.strike(std::nullopt, now), 0u);
    EXPECT_FALSE(poison.listed(std::nullopt, now));
    EXPECT_EQ(poison.size(), 0u);
}

TEST_F(PoisonListTest, IsForgottenADayAfterTheLastStrike) {
    list(1);
    EXPECT_TRUE(poison.listed(key(1), now + 24 * kHour - 1));   // asking does not prolong it
    EXPECT_FALSE(poison.listed(key(1), now + 24 * kHour));
    EXPECT_EQ(poison.size(), 0u);
    EXPECT_EQ(poison.strike(key(1), now + 24 * kHour), 1u);
}

TEST_F(PoisonListTest, AFurtherStrikeProlongsIt) {
    list(1);
    EXPECT_EQ(poison.strike(key(1), now + 23 * kHour), 3u);
    EXPECT_TRUE(poison.listed(key(1), now + 46 * kHour));
    EXPECT_FALSE(poison.listed(key(1), now + 47 * kHour));
}

TEST_F(PoisonListTest, ASingleStrikeIsForgottenToo) {
    poison.strike(key(1), now);
    EXPECT_EQ(poison.strike(key(1), now + 24 * kHour), 1u);
    EXPECT_FALSE(poison.listed(key(1), now + 24 * kHour));
}

TEST_F(PoisonListTest, AnEarlierTimeForgetsNothing) {
    list(1);
    EXPECT_TRUE(poison.listed(key(1), now - kHour));
}

TEST_F(PoisonListTest, IsBoundedAndTheLongestUnaskedGoesFirst) {
    for (unsigned i = 0; i < 1024; ++i) list(i);
    EXPECT_EQ(poison.size(), 1024u);
    EXPECT_TRUE(poison.listed(key(0), now));   // so key 1 is now the one longest unasked
    list(5000);
    EXPECT_EQ(poison.size(), 1024u);
    EXPECT_TRUE(poison.listed(key(0), now));
    EXPECT_FALSE(poison.listed(key(1), now));
    EXPECT_TRUE(poison.listed(key(2), now));
    EXPECT_TRUE(poison.listed(key(5000), now));
}

TEST(SmallPoisonList, HoldsOne) {
    PoisonList poison({.most = 1});
    poison.strike(key(1), 0);
    EXPECT_EQ(poison.strike(key(1), 0), 2u);
    EXPECT_EQ(poison.strike(key(2), 0), 1u);
    EXPECT_FALSE(poison.listed(key(1), 0));
    EXPECT_EQ(poison.size(), 1u);
}

}   // namespace
}   // namespace microengine::isolate
