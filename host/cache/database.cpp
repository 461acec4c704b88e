// SPDX-License-Identifier: MIT
#include "host/cache/database.hpp"

#include <sqlite3.h>

#include <ctime>
#include <random>
#include <string_view>
#include <utility>

namespace microengine::cache {
namespace {

constexpr int kOpenWaitMs = 2'000;
constexpr int kRetries = 50, kRetryMs = 20;
constexpr int kSlices = 256;
constexpr std::time_t kDay = 86'400;   // seconds

constexpr const char* kTables =
    "PRAGMA trusted_schema = OFF; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
    "PRAGMA journal_size_limit = 16777216;"
    "CREATE TABLE IF NOT EXISTS result (artifact BLOB NOT NULL, backend BLOB NOT NULL, used INTEGER NOT NULL,"
    " row BLOB NOT NULL, PRIMARY KEY (artifact, backend)) WITHOUT ROWID;";

std::int64_t today() { return std::time(nullptr) / kDay; }

void bind_bytes(sqlite3_stmt* statement, int at, std::string_view bytes) {
    sqlite3_bind_blob64(statement, at, bytes.data(), bytes.size(), SQLITE_STATIC);
}
std::string_view view(const util::Sha256& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};   // NOLINT: a byte view
}

}   // namespace

void Database::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }
void Database::Close::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

int Database::open(const std::filesystem::path& file) {
    sqlite3* opened = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;
    const int code = sqlite3_open_v2(file.c_str(), &opened, flags, nullptr);
    database_.reset(opened);
    if (code != SQLITE_OK) return code;
    wait(kOpenWaitMs);
    // Two that change it to WAL at once: SQLite does not let them wait for each other.
    int made = run(kTables);
    for (int tries = 0; made == SQLITE_BUSY && tries < kRetries; ++tries) {
        sqlite3_sleep(kRetryMs);
        made = run(kTables);
    }
    if (made != SQLITE_OK) return made;
    const std::pair<Statement*, const char*> statements[] = {
        {&find_, "SELECT row, used FROM result WHERE artifact = ? AND backend = ?"},
        {&insert_, "INSERT OR REPLACE INTO result (artifact, backend, used, row) VALUES (?, ?, ?, ?)"},
        {&touch_, "UPDATE result SET used = ?3 WHERE artifact = ?1 AND backend = ?2"},
        {&forget_,
         "DELETE FROM result WHERE (artifact, backend) IN (SELECT artifact, backend FROM result"
         " WHERE artifact BETWEEN ?1 AND ?2 ORDER BY used LIMIT"
         " (SELECT 1 + count(*) / 4 FROM result WHERE artifact BETWEEN ?1 AND ?2))"}};
    for (const auto& [statement, sql] : statements) {
        sqlite3_stmt* prepared = nullptr;
        const int ready = sqlite3_prepare_v3(opened, sql, -1, SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
        statement->reset(prepared);
        if (ready != SQLITE_OK) return ready;
    }
    slice_ = static_cast<std::uint8_t>(std::random_device()());
    wait(0);
    return SQLITE_OK;
}

void Database::close() {
    for (Statement* statement : {&find_, &insert_, &touch_, &forget_}) statement->reset();
    database_.reset();
}

bool Database::has_moved() const {
    int moved = 0;
    return sqlite3_file_control(database_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved) != SQLITE_OK ||
           moved != 0;
}

void Database::wait(int milliseconds) { sqlite3_busy_timeout(database_.get(), milliseconds); }

int Database::run(const char* sql) { return sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr); }

std::uint64_t Database::number(const char* sql) {
    sqlite3_stmt* prepared = nullptr;
    if (sqlite3_prepare_v2(database_.get(), sql, -1, &prepared, nullptr) != SQLITE_OK) return 0;
    const Statement statement(prepared);
    if (sqlite3_step(prepared) != SQLITE_ROW) return 0;
    return static_cast<std::uint64_t>(sqlite3_column_int64(prepared, 0));
}

int Database::find(const core::CacheKey& key, std::string& bytes, bool& used_today) {
    sqlite3_reset(find_.get());   // if the last call ended by an exception
    bind_bytes(find_.get(), 1, view(key.artifact));
    bind_bytes(find_.get(), 2, view(key.backend));
    const int code = sqlite3_step(find_.get());
    if (code == SQLITE_ROW) {
        const auto* const row = static_cast<const char*>(sqlite3_column_blob(find_.get(), 0));
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(find_.get(), 0));
        if (row != nullptr) bytes.assign(row, size);
        used_today = sqlite3_column_int64(find_.get(), 1) == today();
    }
    sqlite3_reset(find_.get());
    return code;
}

int Database::write(const std::vector<Row>& rows) {
    int code = run("BEGIN IMMEDIATE");
    if (code != SQLITE_OK) return code;
    for (const Row& row : rows) {
        sqlite3_stmt* const statement = row.bytes.empty() ? touch_.get() : insert_.get();
        bind_bytes(statement, 1, view(row.key.artifact));
        bind_bytes(statement, 2, view(row.key.backend));
        sqlite3_bind_int64(statement, 3, today());
        if (!row.bytes.empty()) bind_bytes(statement, 4, row.bytes);
        sqlite3_step(statement);
        code = sqlite3_reset(statement);   // the error of the step, if there was one
        if (code != SQLITE_OK) break;
    }
    if (code == SQLITE_OK) code = run("COMMIT");
    if (code != SQLITE_OK) (void)run("ROLLBACK");
    return code;
}

void Database::keep_below(std::uint64_t most_bytes) {
    const auto too_large = [&] {
        const std::uint64_t pages = number("PRAGMA page_count") - number("PRAGMA freelist_count");
        return number("PRAGMA page_size") * pages > most_bytes;
    };
    // Digests are spread evenly, so each slice of them has its share of the old ones; all rows at once would
    // take too long while somebody waits.
    for (int slices = 0; slices < kSlices && too_large(); ++slices) {
        const std::string from(1, static_cast<char>(slice_++)), to = from + std::string(32, '\xff');
        bind_bytes(forget_.get(), 1, from);
        bind_bytes(forget_.get(), 2, to);
        sqlite3_step(forget_.get());
        if (sqlite3_reset(forget_.get()) != SQLITE_OK) return;
    }
}

}   // namespace microengine::cache
