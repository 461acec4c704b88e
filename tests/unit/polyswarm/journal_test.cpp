// SPDX-License-Identifier: MIT
// The life of a row, and what is still known of it after a crash.
#include "journal_support.hpp"
#include "tests/support/record.hpp"

#include <latch>

namespace microengine::polyswarm {

namespace {

using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;

TEST_F(JournalTest, ABountyIsPromisedOnce) {
    const auto journal = open();
    EXPECT_EQ(ask(*journal, row_of(1)), Promise::made);
    EXPECT_EQ(ask(*journal, row_of(1)), Promise::known);
    EXPECT_EQ(ask(*journal, row_of(2)), Promise::made);
    EXPECT_EQ(journal->pending(), 2);
}

TEST_F(JournalTest, ItIsKnown_WhateverHasBecomeOfIt) {
    const auto journal = open();
    for (const State state : {State::delivered, State::refused, State::expired}) {
        const int number = static_cast<int>(state);
        EXPECT_EQ(ask(*journal, row_of(number)), Promise::made);
        EXPECT_TRUE(ask(*journal, fixing_of(number)));
        EXPECT_EQ(ask(*journal, row_of(number)), Promise::known);
        EXPECT_TRUE(ask(*journal, closing_of(number, state)));
        EXPECT_EQ(ask(*journal, row_of(number)), Promise::known) << to_text(state);
    }
    EXPECT_EQ(journal->pending(), 0);
}

TEST_F(JournalTest, OfThoseThatAreOwed_ThereIsAMost) {
    const auto journal = open(2);
    EXPECT_EQ(ask(*journal, row_of(1)), Promise::made);
    EXPECT_EQ(ask(*journal, row_of(2)), Promise::made);
    EXPECT_EQ(ask(*journal, row_of(3)), Promise::full);
    EXPECT_EQ(ask(*journal, row_of(1)), Promise::known);   // for that there is room
    EXPECT_TRUE(ask(*journal, fixing_of(1)));
    EXPECT_EQ(ask(*journal, row_of(3)), Promise::full);   // fixed is not delivered
    EXPECT_TRUE(ask(*journal, closing_of(1)));
    EXPECT_EQ(ask(*journal, row_of(3)), Promise::made);
    EXPECT_EQ(journal->pending(), 2);
}

TEST_F(JournalTest, OfAFullJournal_NothingIsKept) {
    const auto journal = open(1);
    EXPECT_EQ(ask(*journal, row_of(1)), Promise::made);
    EXPECT_EQ(ask(*journal, row_of(2)), Promise::full);
    EXPECT_EQ(all_rows().size(), 1);
}

TEST_F(JournalTest, AReplyIsFixedOnce) {
    const auto journal = open();
    EXPECT_EQ(ask(*journal, row_of(1)), Promise::made);
    EXPECT_TRUE(ask(*journal, fixing_of(1, "first", "100")));
    EXPECT_TRUE(ask(*journal, fixing_of(1, "second", "200")));
    EXPECT_TRUE(ask(*journal, closing_of(1)));
    EXPECT_TRUE(ask(*journal, fixing_of(1, "third", "300")));
    const auto rows = all_rows();
    ASSERT_EQ(rows.size(), 1);
    EXPECT_EQ(rows[0].reply, "first");
    EXPECT_EQ(to_text(rows[0].bid), "100");
    EXPECT_EQ(rows[0].state, State::delivered);
}

TEST_F(JournalTest, ItIsClosedOnce) {
    const auto journal = open();
    EXPECT_EQ(ask(*journal, row_of(1)), Promise::made);
    EXPECT_EQ(ask(*journal, row_of(2)), Promise::made);
    EXPECT_TRUE(ask(*journal, closing_of(1, State::refused)));
    EXPECT_TRUE(ask(*journal, closing_of(1, State::delivered)));
    EXPECT_TRUE(ask(*journal, closing_of(7)));   // nobody knows that one
    EXPECT_EQ(journal->pending(), 1);
    EXPECT_THAT(all_rows(), ElementsAre(Field(&JournalRow::state, State::accepted),
                                        Field(&JournalRow::state, State::refused)));
}

TEST_F(JournalTest, WhatIsOwedIsKnownAfterACrash_TheEarliestDeadlineFirst) {
    const auto journal = open();
    EXPECT_EQ(ask(*journal, row_of(1, 9'000)), Promise::made);
    EXPECT_EQ(ask(*journal, row_of(2, 7'000)), Promise::made);
    EXPECT_EQ(ask(*journal, row_of(3, 8'000)), Promise::made);
    EXPECT_EQ(ask(*journal, row_of(4, 1'000)), Promise::made);
    EXPECT_TRUE(ask(*journal, fixing_of(3)));
    EXPECT_TRUE(ask(*journal, fixing_of(4)));
    EXPECT_TRUE(ask(*journal, closing_of(4)));

    const auto next = open_after_crash();
    EXPECT_EQ(next->pending(), 3);
    const auto rows = owed(*next);
    EXPECT_THAT(rows,
                ElementsAre(Field(&JournalRow::deadline_ms, 7'000), Field(&JournalRow::deadline_ms, 8'000),
                            Field(&JournalRow::deadline_ms, 9'000)));
    EXPECT_EQ(ask(*next, row_of(4)), Promise::known);
}

TEST_F(JournalTest, EverythingOfARowIsKept) {
    const auto journal = open();
    JournalRow row = row_of(300);
    row.body = std::string("any\0bytes\xff", 10);
    row.deadline_ms = 253'402'300'799'999;   // the end of the year 9999
    EXPECT_EQ(ask(*journal, row), Promise::made);
    const std::string most = to_text(bounty::Wei{bounty::kWeiEnd - 1});
    EXPECT_TRUE(ask(*journal, fixing_of(300, std::string("{\"a\":\"\0ä\"}", 10), most)));

    const auto next = open_after_crash();
    const auto rows = owed(*next);
    ASSERT_EQ(rows.size(), 1);
    const JournalRow& kept = rows[0];
    EXPECT_EQ(kept.key, key_of(300));
    EXPECT_EQ(kept.engine, "main");
    EXPECT_EQ(kept.state, State::fixed);
    EXPECT_EQ(kept.accepted_ms, 1'300);
    EXPECT_EQ(kept.deadline_ms, row.deadline_ms);
    EXPECT_EQ(kept.fixed_ms, 2'300);
    EXPECT_EQ(kept.finished_ms, 0);
    EXPECT_EQ(kept.delivery, "delivery 300");
    EXPECT_EQ(kept.body, row.body);
    EXPECT_EQ(kept.reply, std::string("{\"a\":\"\0ä\"}", 10));
    EXPECT_EQ(kept.verdict, "benign");
    EXPECT_EQ(kept.note, "all said so");
    EXPECT_EQ(to_text(kept.bid), most);
    EXPECT_TRUE(kept.taken);
    EXPECT_EQ(kept.attempts, 0);

    EXPECT_TRUE(ask(*journal, closing_of(300)));
    const auto closed = all_rows();
    ASSERT_EQ(closed.size(), 1);
    EXPECT_EQ(closed[0].finished_ms, kFinished);
    EXPECT_EQ(closed[0].attempts, 2);
    EXPECT_EQ(closed[0].last_status, 201);
}

TEST_F(JournalTest, WhatTheWindowsNeed_IsWhatWasAcceptedOrFixedSince) {
    const auto journal = open();
    for (const int number : {1, 2, 3, 4}) EXPECT_EQ(ask(*journal, row_of(number)), Promise::made);
    EXPECT_TRUE(ask(*journal, fixing_of(1)));   // at 2'001
    EXPECT_TRUE(ask(*journal, closing_of(1)));
    const auto keys = [&journal](std::int64_t since) {
        std::vector<int> found;
        const auto rows = journal->since(since);
        EXPECT_TRUE(rows);
        for (const JournalRow& row : *rows) {
            EXPECT_EQ(row.body + row.reply, "");   // long, and not needed
            found.push_back(row.key[0]);
        }
        return found;
    };
    EXPECT_THAT(keys(0), ElementsAre(1, 2, 3, 4));
    EXPECT_THAT(keys(1'003), ElementsAre(1, 3, 4));
    EXPECT_THAT(keys(2'001), ElementsAre(1));
    EXPECT_THAT(keys(2'002), IsEmpty());
}

TEST_F(JournalTest, WhatIsAskedAtTheSameTime_IsOneTransaction) {
    auto& record = support::Record::the();
    const auto journal = open(150);
    const double before = record.number("polyswarm_journal_commit_seconds");
    std::latch begun(1);
    std::latch go_on(1);
    journal->promise(row_of(0), [&](Promise) {
        begun.count_down();
        go_on.wait();
    });
    begun.wait();   // its thread is busy now
    std::vector<std::future<Promise>> promises;
    for (int number = 1; number <= 200; ++number) promises.push_back(begin(*journal, row_of(number)));
    promises.push_back(begin(*journal, row_of(1)));
    std::future<bool> fixed = begin(*journal, fixing_of(1));
    go_on.count_down();
    std::map<Promise, int> outcomes;
    for (auto& promise : promises) ++outcomes[value_of(std::move(promise))];
    EXPECT_TRUE(value_of(std::move(fixed)));
    EXPECT_EQ(outcomes[Promise::made], 149);
    EXPECT_EQ(outcomes[Promise::full], 51);
    EXPECT_EQ(outcomes[Promise::known], 1);
    EXPECT_EQ(record.number("polyswarm_journal_commit_seconds"), before + 2);
}

TEST_F(JournalTest, WhatIsInLineWhenItEnds_IsWritten) {
    {
        const auto journal = open();
        for (int number = 0; number < 100; ++number) (void)begin(*journal, row_of(number));
    }
    EXPECT_EQ(open()->pending(), 100);
}

TEST_F(JournalTest, StatesHaveNames) {
    EXPECT_EQ(to_text(State::accepted), "accepted");
    EXPECT_EQ(to_text(State::fixed), "fixed");
    EXPECT_EQ(to_text(State::delivered), "delivered");
    EXPECT_EQ(to_text(State::refused), "refused");
    EXPECT_EQ(to_text(State::expired), "expired");
}

}   // namespace
}   // namespace microengine::polyswarm
