// SPDX-License-Identifier: MIT
#include "host/store/sqlite.hpp"

#include "tests/support/temp_dir.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

namespace microengine::store {

namespace {

class SqliteTest : public testing::Test {
protected:
    SqliteTest() {
        support::write_file(file, "");
        EXPECT_EQ(database.open(file, Access::write), SQLITE_OK);
    }
    support::TempDir dir;
    std::filesystem::path file = dir / "one.db";
    Connection database;
};

TEST_F(SqliteTest, WhatIsWritten_CanBeRead) {
    ASSERT_EQ(database.run("CREATE TABLE row (name TEXT, bytes BLOB, number INTEGER, none TEXT)"), SQLITE_OK);
    Statement insert;
    ASSERT_EQ(database.prepare("INSERT INTO row VALUES (?, ?, ?, ?)", insert), SQLITE_OK);
    const std::string bytes("\0\xff\n", 3);
    insert.bind_text(1, "näme");
    insert.bind_blob(2, bytes);
    insert.bind(3, std::int64_t{-9'000'000'000'000'000'000});
    insert.bind_null(4);
    ASSERT_EQ(insert.run(), SQLITE_OK);
    EXPECT_EQ(database.changes(), 1);

    Statement select;
    ASSERT_EQ(database.prepare("SELECT name, bytes, number, none FROM row", select), SQLITE_OK);
    ASSERT_EQ(select.step(), SQLITE_ROW);
    EXPECT_EQ(select.bytes(0), "näme");
    EXPECT_EQ(select.bytes(1), bytes);
    EXPECT_EQ(select.number(2), -9'000'000'000'000'000'000);
    EXPECT_TRUE(select.is_null(3));
    EXPECT_FALSE(select.is_null(0));
    EXPECT_EQ(select.bytes(3), "");
    EXPECT_EQ(select.step(), SQLITE_DONE);
}

TEST_F(SqliteTest, AStatementCanBeUsedAgain) {
    ASSERT_EQ(database.run("CREATE TABLE row (number INTEGER UNIQUE)"), SQLITE_OK);
    Statement insert;
    ASSERT_EQ(database.prepare("INSERT INTO row VALUES (?)", insert), SQLITE_OK);
    for (const std::int64_t number : {1, 2, 3}) {
        insert.bind(1, number);
        EXPECT_EQ(insert.run(), SQLITE_OK);
    }
    EXPECT_EQ(database.number("SELECT sum(number) FROM row"), 6);
}

TEST_F(SqliteTest, AFailedRunSaysWhy_AndTheNextOneMayBeFine) {
    ASSERT_EQ(database.run("CREATE TABLE row (number INTEGER UNIQUE)"), SQLITE_OK);
    Statement insert;
    ASSERT_EQ(database.prepare("INSERT INTO row VALUES (?)", insert), SQLITE_OK);
    insert.bind(1, 1);
    EXPECT_EQ(insert.run(), SQLITE_OK);
    EXPECT_EQ(insert.run(), SQLITE_CONSTRAINT);
    EXPECT_EQ(database.error(), "UNIQUE constraint failed: row.number");
    insert.bind(1, 2);
    EXPECT_EQ(insert.run(), SQLITE_OK);
}

TEST_F(SqliteTest, ASingleValueThatIsNotThere_IsNothing) {
    EXPECT_EQ(database.number("SELECT 7"), 7);
    EXPECT_EQ(database.text("SELECT 'seven'"), "seven");
    EXPECT_EQ(database.number("SELECT 7 WHERE 0"), std::nullopt);
    EXPECT_EQ(database.text("SELECT 'seven' WHERE 0"), std::nullopt);
    EXPECT_EQ(database.number("SELECT seven"), std::nullopt);
    EXPECT_EQ(database.error(), "no such column: seven");
    EXPECT_EQ(database.text("SELEKT"), std::nullopt);
}

TEST_F(SqliteTest, WhoOnlyReads_CannotWrite) {
    ASSERT_EQ(database.run("CREATE TABLE row (number INTEGER)"), SQLITE_OK);
    Connection reader;
    ASSERT_EQ(reader.open(file, Access::read), SQLITE_OK);
    EXPECT_EQ(reader.number("SELECT count(*) FROM row"), 0);
    EXPECT_EQ(reader.run("INSERT INTO row VALUES (1)"), SQLITE_READONLY);
}

TEST_F(SqliteTest, AFileThatIsNotThere_IsNotMade) {
    for (const Access access : {Access::read, Access::write}) {
        Connection other;
        EXPECT_EQ(other.open(dir / "none.db", access), SQLITE_CANTOPEN);
        EXPECT_EQ(other.error(), "unable to open database file");
    }
    EXPECT_FALSE(std::filesystem::exists(dir / "none.db"));
}

TEST_F(SqliteTest, ASymbolicLinkIsNotFollowed) {
    std::filesystem::create_symlink(file, dir / "link.db");
    Connection other;
    EXPECT_NE(other.open(dir / "link.db", Access::write), SQLITE_OK);
    EXPECT_NE(other.open(dir / "link.db", Access::read), SQLITE_OK);
}

TEST_F(SqliteTest, ADirectoryMayBeASymbolicLink) {
    std::filesystem::create_directory(dir / "private");
    std::filesystem::create_directory_symlink(dir / "private", dir / "state");
    support::write_file(dir / "state/one.db", "");
    Connection other;
    EXPECT_EQ(other.open(dir / "state/one.db", Access::write), SQLITE_OK) << other.error();
    EXPECT_EQ(other.run("CREATE TABLE row (number INTEGER)"), SQLITE_OK);
}

TEST_F(SqliteTest, BeforeItIsOpened_ThereIsNothingToSay) {
    const Connection none;
    EXPECT_EQ(none.error(), "out of memory");   // what SQLite has of a connection that it could not make
}

TEST_F(SqliteTest, WaitsForAnotherTransaction_OnlyAsLongAsItIsTold) {
    ASSERT_EQ(database.run("CREATE TABLE row (number INTEGER)"), SQLITE_OK);
    Connection other;
    ASSERT_EQ(other.open(file, Access::write), SQLITE_OK);
    ASSERT_EQ(database.run("BEGIN IMMEDIATE"), SQLITE_OK);
    EXPECT_EQ(other.run("BEGIN IMMEDIATE"), SQLITE_BUSY);
    other.wait(1);
    EXPECT_EQ(other.run("BEGIN IMMEDIATE"), SQLITE_BUSY);
    ASSERT_EQ(database.run("COMMIT"), SQLITE_OK);
    EXPECT_EQ(other.run("BEGIN IMMEDIATE"), SQLITE_OK);
}

}   // namespace
}   // namespace microengine::store
