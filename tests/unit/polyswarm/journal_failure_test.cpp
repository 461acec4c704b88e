// SPDX-License-Identifier: MIT
// A journal that cannot be written, and one that can be again.
#include "journal_support.hpp"
#include "tests/support/record.hpp"
#include "tests/support/sqlite.hpp"

#include <sys/resource.h>

#include <csignal>
#include <latch>

namespace microengine::polyswarm {

namespace {

using support::Record;
using support::Sqlite;

/// As a full disk: no file of this process may grow.
class FullDisk {
public:
    FullDisk() {
        ::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit none{.rlim_cur = 1, .rlim_max = before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &none);
    }
    ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;

private:
    rlimit before_{};
};

class JournalFailureTest : public JournalTest {
protected:
    /// It tries by itself.
    static void await_healthy(const Journal& journal) {
        EXPECT_TRUE(Record::the().await("polyswarm_journal_commit_seconds",
                                        [&journal](double) { return journal.healthy(); }));
    }
    Record& record = Record::the();
};

TEST_F(JournalFailureTest, OnAFullDisk_NothingIsPromised) {
    const auto journal = open();
    EXPECT_TRUE(journal->healthy());
    EXPECT_EQ(ask(*journal, row_of(1)), Promise::made);
    {
        const FullDisk full;
        EXPECT_EQ(ask(*journal, row_of(2)), Promise::failed);
        EXPECT_FALSE(journal->healthy());
        EXPECT_EQ(journal->pending(), 1);                       // as before
        EXPECT_EQ(ask(*journal, row_of(1)), Promise::failed);   // nobody can say
    }
    EXPECT_EQ(ask(*journal, row_of(2)), Promise::made);
    EXPECT_TRUE(journal->healthy());
    EXPECT_EQ(journal->pending(), 2);
    EXPECT_EQ(open_after_crash()->pending(), 2);
}

TEST_F(JournalFailureTest, ItBecomesHealthyAgain_ThoughNobodyAsksForAnything) {
    const auto journal = open();
    {
        const FullDisk full;
        EXPECT_EQ(ask(*journal, row_of(1)), Promise::failed);
    }
    await_healthy(*journal);
}

TEST_F(JournalFailureTest, AsLongAsTheDiskIsFull_ItIsNotHealthy) {
    const auto journal = open();
    const FullDisk full;
    EXPECT_EQ(ask(*journal, row_of(1)), Promise::failed);
    const double before = record.number("polyswarm_journal_commit_seconds");
    EXPECT_TRUE(
        record.await("polyswarm_journal_commit_seconds", [before](double now) { return now > before; }));
    EXPECT_FALSE(journal->healthy());
}

TEST_F(JournalFailureTest, AReplyThatCouldNotBeFixed_IsFixedLater) {
    const auto journal = open();
    EXPECT_EQ(ask(*journal, row_of(1)), Promise::made);
    {
        const FullDisk full;
        EXPECT_FALSE(ask(*journal, fixing_of(1, "first")));
        EXPECT_FALSE(ask(*journal, fixing_of(1, "second")));
    }
    await_healthy(*journal);
    const auto rows = all_rows();
    ASSERT_EQ(rows.size(), 1);
    EXPECT_EQ(rows[0].state, State::fixed);
    EXPECT_EQ(rows[0].reply, "first");
    EXPECT_EQ(to_text(rows[0].bid), "100");   // or the budget would forget it
}

TEST_F(JournalFailureTest, WhatCouldNotBeClosed_IsNotOwedForEver) {
    const auto journal = open(1);
    EXPECT_EQ(ask(*journal, row_of(1)), Promise::made);
    {
        const FullDisk full;
        EXPECT_FALSE(ask(*journal, fixing_of(1)));
        EXPECT_FALSE(ask(*journal, closing_of(1)));
        EXPECT_EQ(journal->pending(), 1);
    }
    await_healthy(*journal);
    EXPECT_EQ(journal->pending(), 0);
    EXPECT_EQ(ask(*journal, row_of(2)), Promise::made);
    const auto rows = all_rows();
    ASSERT_EQ(rows.size(), 2);
    EXPECT_EQ(rows[1].state, State::delivered);
    EXPECT_EQ(rows[1].verdict, "benign");
}

TEST_F(JournalFailureTest, WhenItEnds_ItTriesOnceMore) {
    {
        const auto journal = open();
        EXPECT_EQ(ask(*journal, row_of(1)), Promise::made);
        const FullDisk full;
        EXPECT_FALSE(ask(*journal, fixing_of(1)));
    }
    const auto rows = all_rows();
    ASSERT_EQ(rows.size(), 1);
    EXPECT_EQ(rows[0].state, State::fixed);
}

TEST_F(JournalFailureTest, OfATransactionThatFails_NothingIsLeft) {
    const auto journal = open();
    EXPECT_EQ(ask(*journal, row_of(1)), Promise::made);
    const Sqlite other(file);
    ASSERT_EQ(other.run("CREATE TRIGGER t BEFORE INSERT ON bounty WHEN NEW.accepted_ms = 1003"
                        " BEGIN SELECT RAISE(ABORT, 'not that one'); END"),
              SQLITE_OK);
    std::latch begun(1);
    std::latch go_on(1);
    journal->promise(row_of(1), [&](Promise) {
        begun.count_down();
        go_on.wait();
    });
    begun.wait();   // what follows is one transaction
    auto second = begin(*journal, row_of(2));
    auto third = begin(*journal, row_of(3));
    auto closed = begin(*journal, closing_of(1));
    go_on.count_down();
    EXPECT_EQ(value_of(std::move(second)), Promise::failed);
    EXPECT_EQ(value_of(std::move(third)), Promise::failed);
    EXPECT_FALSE(value_of(std::move(closed)));
    EXPECT_EQ(journal->pending(), 1);
    EXPECT_EQ(all_rows().size(), 1);
    EXPECT_EQ(ask(*journal, row_of(2)), Promise::made);
    EXPECT_EQ(journal->pending(), 1);   // 1 is closed by now
}

TEST_F(JournalFailureTest, AnotherProgramsTransaction_IsNotWaitedForLong) {
    const auto journal = open();
    const Sqlite other(file);
    ASSERT_EQ(other.run("BEGIN IMMEDIATE"), SQLITE_OK);
    EXPECT_EQ(ask(*journal, row_of(1)), Promise::failed);
    ASSERT_EQ(other.run("COMMIT"), SQLITE_OK);
    EXPECT_EQ(ask(*journal, row_of(1)), Promise::made);
}

TEST_F(JournalFailureTest, WhatIsOwedButCannotBeRead_IsAnError_NotNothing) {
    const auto journal = open();
    EXPECT_EQ(ask(*journal, row_of(1)), Promise::made);
    ASSERT_EQ(Sqlite(file).run("ALTER TABLE bounty RENAME TO gone"), SQLITE_OK);
    const auto owed = journal->owed();
    ASSERT_FALSE(owed);
    EXPECT_EQ(owed.error().text(), file.native() + ": cannot be read: no such table: bounty");
    EXPECT_FALSE(journal->since(0));
}

}   // namespace
}   // namespace microengine::polyswarm
