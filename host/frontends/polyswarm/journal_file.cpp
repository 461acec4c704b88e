// SPDX-License-Identifier: MIT
#include "host/frontends/polyswarm/journal_file.hpp"

#include "host/frontends/polyswarm/journal_table.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>

#include <cerrno>
#include <chrono>
#include <utility>

namespace microengine::polyswarm {

namespace {

constexpr int kWaitMs = 1'000;         // for another program's transaction; replies wait as long
constexpr int kTidiedAtOnce = 1'000;   // rows; promises wait meanwhile
constexpr std::int64_t kHourMs = 3'600'000;

constexpr const char* kSettings =
    "PRAGMA trusted_schema = OFF; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
    "PRAGMA journal_size_limit = 16777216;";
constexpr const char* kTables =
    "BEGIN IMMEDIATE;"
    "PRAGMA application_id = 0x4d454a31; PRAGMA user_version = 1;"
    // The id and where to reply are within the body; bids are summed by us: SQLite's integers have 64 bits.
    "CREATE TABLE IF NOT EXISTS bounty (key BLOB PRIMARY KEY, engine TEXT NOT NULL, state INTEGER NOT NULL,"
    " accepted_ms INTEGER NOT NULL, deadline_ms INTEGER NOT NULL, fixed_ms INTEGER NOT NULL DEFAULT 0,"
    " finished_ms INTEGER NOT NULL DEFAULT 0, delivery TEXT NOT NULL DEFAULT '', body BLOB NOT NULL,"
    " reply BLOB NOT NULL DEFAULT '', verdict TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '',"
    " bid_wei TEXT NOT NULL DEFAULT '0', taken INTEGER NOT NULL DEFAULT 0,"
    " attempts INTEGER NOT NULL DEFAULT 0, last_status INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS bounty_owed ON bounty (deadline_ms) WHERE state < 2;"
    "CREATE INDEX IF NOT EXISTS bounty_finished ON bounty (finished_ms) WHERE state >= 2;"
    "CREATE INDEX IF NOT EXISTS bounty_accepted ON bounty (accepted_ms);"
    "COMMIT;";

std::int64_t unix_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

}   // namespace

util::Result<void> JournalFile::open() {
    const std::string& place = settings_.file.native();
    ME_CHECK(make_file());
    // Of a file of its own: whoever closes any descriptor of the database ends SQLite's locks on it.
    lock_.reset(::open((place + "-lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (lock_.get() < 0)
        return util::fail_errno(util::Errc::config, place + "-lock", "cannot be opened", errno);
    if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0)
        return util::fail(util::Errc::config, place,
                          "is in use by another process; each needs a journal of its own");
    if (database_.open(settings_.file, store::Access::write) != SQLITE_OK)
        return util::fail(util::Errc::config, place, database_.error());
    database_.wait(kWaitMs);
    if (!is_empty(database_))
        if (const std::string why = unusable(database_); !why.empty())
            return util::fail(util::Errc::config, place, why + "; move it away to begin a new one");
    if (database_.run(kSettings) != SQLITE_OK || database_.run(kTables) != SQLITE_OK || !prepare())
        return util::fail(util::Errc::config, place, database_.error());
    owed_ = database_.number("SELECT count(*) FROM bounty WHERE state < 2").value_or(0);
    while (tidy()) {
    }
    return {};
}

util::Result<void> JournalFile::make_file() const {
    const util::UniqueFd made(
        ::open(settings_.file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (made.get() >= 0) return {};
    return util::fail_errno(util::Errc::config, settings_.file.native(), "cannot be opened", errno);
}

bool JournalFile::prepare() {
    const auto ready = [this](std::string_view sql, store::Statement& statement) {
        return database_.prepare(sql, statement) == SQLITE_OK;
    };
    return ready("SELECT 1 FROM bounty WHERE key = ?", find_) &&
           ready(
               "INSERT INTO bounty (key, engine, state, accepted_ms, deadline_ms, delivery, body)"
               " VALUES (?, ?, 0, ?, ?, ?, ?)",
               insert_) &&
           ready(
               "UPDATE bounty SET state = 1, fixed_ms = ?2, reply = ?3, verdict = ?4, note = ?5,"
               " bid_wei = ?6, taken = ?7 WHERE key = ?1 AND state = 0",
               fix_) &&
           ready(
               "UPDATE bounty SET state = ?2, finished_ms = ?3, attempts = ?4, last_status = ?5"
               " WHERE key = ?1 AND state < 2",
               close_);
}

bool JournalFile::begin() {
    owed_before_ = owed_;
    return database_.run("BEGIN IMMEDIATE") == SQLITE_OK;
}

bool JournalFile::end() { return database_.run("COMMIT") == SQLITE_OK; }

void JournalFile::abandon() {
    (void)database_.run("ROLLBACK");
    owed_ = owed_before_;
}

bool JournalFile::write_nothing() { return database_.run("PRAGMA user_version = 1") == SQLITE_OK; }

bool JournalFile::write(const JournalRow& row, Promise& outcome) {
    find_.bind_blob(1, bytes_of(row.key));
    const int found = find_.step();
    if (find_.reset() != SQLITE_OK) return false;
    const bool full = full_ || owed_ >= std::int64_t{settings_.max_pending};
    outcome = found == SQLITE_ROW ? Promise::known : full ? Promise::full : Promise::made;
    if (outcome != Promise::made) return true;
    insert_.bind_blob(1, bytes_of(row.key));
    insert_.bind_text(2, row.engine);
    insert_.bind(3, row.accepted_ms);
    insert_.bind(4, row.deadline_ms);
    insert_.bind_text(5, row.delivery);
    insert_.bind_blob(6, row.body);
    if (insert_.run() != SQLITE_OK) return false;
    ++owed_;
    return true;
}

bool JournalFile::write(const Fixing& fixing) {
    const std::string bid = to_text(fixing.bid);
    fix_.bind_blob(1, bytes_of(fixing.key));
    fix_.bind(2, fixing.at_ms);
    fix_.bind_blob(3, fixing.reply);
    fix_.bind_text(4, fixing.verdict);
    fix_.bind_text(5, fixing.note);
    fix_.bind_text(6, bid);
    fix_.bind(7, fixing.taken ? 1 : 0);
    return fix_.run() == SQLITE_OK;
}

bool JournalFile::write(const Closing& closing) {
    close_.bind_blob(1, bytes_of(closing.key));
    close_.bind(2, std::to_underlying(closing.state));
    close_.bind(3, closing.at_ms);
    close_.bind(4, closing.attempts);
    close_.bind(5, closing.last_status);
    if (close_.run() != SQLITE_OK) return false;
    if (database_.changes() > 0) --owed_;
    return true;
}

bool JournalFile::tidy() {
    // What has not expired for so long stays: delivered once more it would be taken for a new one.
    const std::string before = std::to_string(unix_ms() - std::int64_t{settings_.keep_hours} * kHourMs);
    const std::string sql =
        "DELETE FROM bounty WHERE key IN (SELECT key FROM bounty WHERE state >= 2 AND finished_ms < " +
        before + " AND deadline_ms < " + before + " LIMIT " + std::to_string(kTidiedAtOnce) + ")";
    return database_.run(sql.c_str()) == SQLITE_OK && database_.changes() == kTidiedAtOnce;
}

util::Result<std::vector<JournalRow>> JournalFile::rows(const std::string& sql) {
    std::vector<JournalRow> found;
    store::Statement statement;
    int code = database_.prepare(sql, statement);
    if (code == SQLITE_OK)
        while ((code = statement.step()) == SQLITE_ROW) found.push_back(read_row(statement));
    if (code != SQLITE_DONE) return util::fail(util::Errc::config, place(), "cannot be read: " + why());
    return found;
}

}   // namespace microengine::polyswarm
