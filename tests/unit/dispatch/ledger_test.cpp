// SPDX-License-Identifier: MIT
#include "host/dispatch/ledger.hpp"

#include <gmock/gmock.h>

namespace microengine::dispatch {
namespace {

using testing::ElementsAre;

Entry entry(std::uint64_t taken, std::uint64_t give_up) {
    Entry one;
    one.body = "body";
    one.taken_ns = taken;
    one.give_up_ns = give_up;
    return one;
}

TEST(LedgerTest, WhatIsTakenOutOnceIsNotThereAgain) {
    Ledger ledger;
    ledger.add("a", entry(1, 10));
    EXPECT_TRUE(ledger.take("a"));
    EXPECT_FALSE(ledger.take("a"));
    EXPECT_FALSE(ledger.take("b"));
    EXPECT_EQ(ledger.size(), 0U);
    EXPECT_FALSE(ledger.next_ns());
    EXPECT_FALSE(ledger.oldest_ns());
}

TEST(LedgerTest, TheLateOnesComeOutInTheirOrderAndTheOthersStay) {
    Ledger ledger;
    ledger.add("late", entry(3, 20));
    ledger.add("later", entry(2, 30));
    ledger.add("first", entry(4, 10));
    EXPECT_EQ(ledger.next_ns(), 10U);
    EXPECT_EQ(ledger.oldest_ns(), 2U);
    const auto late = ledger.take_late(20);
    ASSERT_EQ(late.size(), 2U);
    EXPECT_EQ(late[0].taken_ns, 4U);
    EXPECT_EQ(late[1].taken_ns, 3U);
    EXPECT_EQ(ledger.size(), 1U);
    EXPECT_TRUE(ledger.take("later"));
}

TEST(LedgerTest, WhatTheBrokerHasIsNotSentAgain) {
    Ledger ledger;
    ledger.add("b", entry(2, 10));
    ledger.add("a", entry(1, 10));
    EXPECT_THAT(ledger.unsent(), ElementsAre("a", "b"));   // the oldest first
    EXPECT_TRUE(ledger.to_send("a"));
    ledger.kept("a");
    ledger.kept("unknown");
    EXPECT_FALSE(ledger.to_send("a"));
    EXPECT_THAT(ledger.unsent(), ElementsAre("b"));
    EXPECT_TRUE(ledger.take("a"));   // and is still owed its answer
}

}   // namespace
}   // namespace microengine::dispatch
