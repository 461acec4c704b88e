// SPDX-License-Identifier: MIT
// The journal as a listing sees it.
#include "journal_support.hpp"
#include "tests/support/sqlite.hpp"

#include <limits>
#include <thread>

namespace microengine::polyswarm {

namespace {

using support::Sqlite;
using testing::ElementsAre;
using testing::IsEmpty;

class JournalListTest : public JournalTest {
protected:
    [[nodiscard]] std::vector<std::int64_t> listed(bool only_owed, std::size_t most) const {
        std::vector<std::int64_t> times;
        const auto rows = read_journal(file, {.only_owed = only_owed, .most = most});
        EXPECT_TRUE(rows) << rows.error().text();
        if (rows)
            for (const JournalRow& row : *rows) times.push_back(row.accepted_ms);
        return times;
    }
    [[nodiscard]] std::string error_of_listing() const {
        const auto rows = read_journal(file, {.most = 10});
        return rows ? "it was read" : rows.error().text();
    }
};

TEST_F(JournalListTest, ShowsTheNewestFirst) {
    const auto journal = open();
    EXPECT_THAT(listed(false, 10), IsEmpty());
    for (const int number : {2, 3, 1}) EXPECT_EQ(ask(*journal, row_of(number)), Promise::made);
    EXPECT_TRUE(ask(*journal, fixing_of(3)));
    EXPECT_TRUE(ask(*journal, closing_of(2)));
    EXPECT_THAT(listed(false, 10), ElementsAre(1'003, 1'002, 1'001));
    EXPECT_THAT(listed(false, 2), ElementsAre(1'003, 1'002));
    EXPECT_THAT(listed(true, 10), ElementsAre(1'003, 1'001));
    EXPECT_THAT(listed(true, 1), ElementsAre(1'003));
    EXPECT_THAT(listed(false, 0), IsEmpty());
    EXPECT_THAT(listed(false, std::numeric_limits<std::size_t>::max()), ElementsAre(1'003, 1'002, 1'001));
}

TEST_F(JournalListTest, CanBeReadWithoutItsWriter) {
    EXPECT_EQ(ask(*open(), row_of(1)), Promise::made);
    EXPECT_THAT(listed(false, 10), ElementsAre(1'001));
}

TEST_F(JournalListTest, SeesWholeRowsWhileAnotherWrites) {
    const auto journal = open();
    constexpr int kRows = 300;
    std::jthread writer([&journal] {
        for (int number = 0; number < kRows; ++number) {
            JournalRow row = row_of(number);
            row.body.assign(3'000, 'b');
            EXPECT_EQ(ask(*journal, std::move(row)), Promise::made);
            EXPECT_TRUE(ask(*journal, fixing_of(number, std::string(3'000, 'r'))));
        }
    });
    std::size_t seen = 0;
    while (seen < kRows) {
        const auto rows = read_journal(file, {.only_owed = true, .most = 1'000});
        ASSERT_TRUE(rows) << rows.error().text();
        EXPECT_GE(rows->size(), seen);
        seen = rows->size();
        for (const JournalRow& row : *rows) {
            EXPECT_EQ(row.body.size(), 3'000);
            EXPECT_EQ(row.reply.size(), row.state == State::fixed ? 3'000 : 0);
        }
    }
}

TEST_F(JournalListTest, SaysWhyAFileIsNone) {
    const std::string place = file.native();
    EXPECT_EQ(error_of_listing(), place + ": does not exist; 'microengine serve' makes it");
    support::write_file(file, std::string(5'000, 'x'));
    EXPECT_EQ(error_of_listing(), place + ": cannot be read: file is not a database");
    std::filesystem::remove(file);
    ASSERT_EQ(Sqlite(file).run("CREATE TABLE bounty (key BLOB)"), SQLITE_OK);
    EXPECT_EQ(error_of_listing(), place + ": is no journal of bounties");
}

TEST_F(JournalListTest, AStateThatNobodyKnowsIsShownAsFinished) {
    EXPECT_EQ(ask(*open(), row_of(1)), Promise::made);
    ASSERT_EQ(Sqlite(file).run("UPDATE bounty SET state = 77, bid_wei = 'much'"), SQLITE_OK);
    const auto rows = all_rows();
    ASSERT_EQ(rows.size(), 1);
    EXPECT_EQ(rows[0].state, State::expired);
    EXPECT_EQ(to_text(rows[0].bid), "0");
}

}   // namespace
}   // namespace microengine::polyswarm
