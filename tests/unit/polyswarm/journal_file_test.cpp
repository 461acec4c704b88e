// SPDX-License-Identifier: MIT
// Which files are a journal, and what others may do with them.
#include "journal_support.hpp"
#include "tests/support/process.hpp"
#include "tests/support/sqlite.hpp"

#include <sys/stat.h>

#include <fstream>

namespace microengine::polyswarm {

namespace {

namespace fs = std::filesystem;
using support::Process;
using support::Sqlite;
using testing::HasSubstr;
using testing::StartsWith;

TEST_F(JournalTest, NobodyElseMayReadIt_WhateverTheUmask) {
    const mode_t before = ::umask(0);
    const auto journal = open();
    EXPECT_EQ(ask(*journal, row_of(1)), Promise::made);
    ::umask(before);
    for (const std::string_view end : {"", "-wal", "-shm", "-lock"}) {
        const fs::path one = file.native() + std::string(end);
        EXPECT_EQ(fs::status(one).permissions(), fs::perms::owner_read | fs::perms::owner_write) << one;
    }
}

TEST_F(JournalTest, OneProcessUsesIt) {
    auto journal = open();
    EXPECT_EQ(refusal(), "is in use by another process; each needs a journal of its own");
    journal.reset();
    EXPECT_EQ(refusal(), "it was opened");
}

TEST_F(JournalTest, AnotherProcessUsesIt) {
    auto other = std::make_unique<Process>([this](const Process& parent) {
        const auto journal = open();
        parent.say('o');
        (void)parent.hear();
        _exit(0);   // a crash: nothing is put in order
    });
    ASSERT_EQ(other->hear(), 'o');
    EXPECT_THAT(refusal(), StartsWith("is in use by another process"));
    other.reset();   // it has gone, and so has its lock
    EXPECT_EQ(refusal(), "it was opened");
}

TEST_F(JournalTest, AProgramThatLooksInsideMeanwhile_DoesNotTakeWhatIsWrittenAfterwards) {
    const Process other([this](const Process& parent) {
        (void)parent.hear();
        {
            const Sqlite connection(file);
            (void)connection.run("SELECT count(*) FROM bounty");
        }
        parent.say('d');
        (void)parent.hear();
    });
    const auto journal = open();
    EXPECT_EQ(ask(*journal, row_of(1)), Promise::made);
    other.say('g');
    ASSERT_EQ(other.hear(), 'd');
    EXPECT_EQ(ask(*journal, row_of(2)), Promise::made);
    EXPECT_EQ(open_after_crash()->pending(), 2);
}

TEST_F(JournalTest, ASymbolicLinkIsRefused) {
    fs::create_symlink(dir / "elsewhere.db", file);
    EXPECT_EQ(refusal(), "cannot be opened: Too many levels of symbolic links");
    EXPECT_FALSE(fs::exists(dir / "elsewhere.db"));
}

TEST_F(JournalTest, ASymbolicLinkInPlaceOfItsLockIsRefused) {
    fs::create_symlink(dir / "elsewhere", file.native() + "-lock");
    EXPECT_EQ(refusal(), "cannot be opened: Too many levels of symbolic links");
    EXPECT_FALSE(fs::exists(dir / "elsewhere"));
}

TEST_F(JournalTest, ItsDirectoryMayBeASymbolicLink) {
    fs::create_directory(dir / "private");
    fs::create_directory_symlink(dir / "private", dir / "state");
    file = dir / "state/journal.db";
    EXPECT_EQ(ask(*open(), row_of(1)), Promise::made);
    EXPECT_EQ(open()->pending(), 1);
    EXPECT_EQ(all_rows().size(), 1);
}

TEST_F(JournalTest, WhereNoFileCanBeMade_ThereIsNone) {
    file = dir / "missing/journal.db";
    EXPECT_EQ(refusal(), "cannot be opened: No such file or directory");
    file = dir / "directory";
    fs::create_directory(file);
    EXPECT_EQ(refusal(), "cannot be opened: Is a directory");
}

TEST_F(JournalTest, WhatIsNoDatabaseIsRefused_AndLeftAsItIs) {
    const std::string text(5'000, 'x');
    support::write_file(file, text);
    EXPECT_EQ(refusal(), "cannot be read: file is not a database; move it away to begin a new one");
    std::ifstream in(file);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), text);
}

TEST_F(JournalTest, AnotherProgramsDatabaseIsRefused) {
    {
        const Sqlite other(file);
        ASSERT_EQ(other.run("CREATE TABLE bounty (key BLOB)"), SQLITE_OK);
    }
    EXPECT_EQ(refusal(), "is no journal of bounties; move it away to begin a new one");
    {
        const Sqlite other(file);
        ASSERT_EQ(other.run("DROP TABLE bounty; PRAGMA application_id = 7"), SQLITE_OK);
    }
    EXPECT_EQ(refusal(), "is no journal of bounties; move it away to begin a new one");
}

TEST_F(JournalTest, ANewerVersionIsRefused) {
    open().reset();
    ASSERT_EQ(Sqlite(file).run("PRAGMA user_version = 2"), SQLITE_OK);
    EXPECT_EQ(refusal(),
              "is of a newer version (2) than this program knows (1); move it away to begin a new one");
}

TEST_F(JournalTest, ADamagedOneIsRefused_AndLeftAsItIs) {
    {
        const auto journal = open();
        for (int number = 0; number < 200; ++number) EXPECT_EQ(ask(*journal, row_of(number)), Promise::made);
    }
    ASSERT_GT(fs::file_size(file), 16'384);
    std::fstream bytes(file, std::ios::binary | std::ios::in | std::ios::out);
    bytes.seekp(8'192);
    bytes << std::string(8'192, '\xff');
    bytes.close();
    EXPECT_THAT(refusal(), StartsWith("is damaged: "));
    EXPECT_GT(fs::file_size(file), 16'384);
}

TEST_F(JournalTest, ACrashBeforeItsTablesWereMade_DoesNotKeepItShut) {
    ASSERT_EQ(Sqlite(file).run("PRAGMA journal_mode = WAL"), SQLITE_OK);
    ASSERT_GT(fs::file_size(file), 0);
    EXPECT_EQ(ask(*open(), row_of(1)), Promise::made);
}

TEST_F(JournalTest, AnEmptyFileBecomesOne) {
    support::write_file(file, "");
    EXPECT_EQ(ask(*open(), row_of(1)), Promise::made);
}

TEST_F(JournalTest, WhatIsFinishedForLong_Goes_WhatIsOwedDoesNot) {
    using namespace std::chrono;
    const std::int64_t now_ms = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
    constexpr std::int64_t hour = 3'600'000;
    {
        const auto journal = open();
        for (const int number : {1, 2, 3, 4}) EXPECT_EQ(ask(*journal, row_of(number)), Promise::made);
        EXPECT_TRUE(ask(*journal, fixing_of(1)));
        EXPECT_TRUE(ask(*journal, closing_of(1, State::delivered, now_ms - 49 * hour)));
        EXPECT_TRUE(ask(*journal, closing_of(2, State::expired, now_ms - 47 * hour)));
        EXPECT_TRUE(ask(*journal, fixing_of(3)));   // in 1970, as 4
    }
    const auto journal = open();
    EXPECT_EQ(ask(*journal, row_of(1)), Promise::made);   // nobody knows it any more
    for (const int number : {2, 3, 4}) EXPECT_EQ(ask(*journal, row_of(number)), Promise::known) << number;
}

TEST_F(JournalTest, HoweverMuchIsFinishedForLong_AllOfItGoes) {
    open().reset();
    ASSERT_EQ(Sqlite(file).run(
                  "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)"
                  " INSERT INTO bounty (key, engine, state, accepted_ms, deadline_ms, finished_ms, body)"
                  " SELECT CAST(i AS BLOB), 'main', 2, 1000, 1000, 1000, '' FROM n"),
              SQLITE_OK);
    ASSERT_EQ(read_journal(file, {.most = 10'000})->size(), 2'500);
    open().reset();
    EXPECT_EQ(all_rows().size(), 0);
}

}   // namespace
}   // namespace microengine::polyswarm
