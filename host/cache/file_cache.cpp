// SPDX-License-Identifier: MIT
#include "host/cache/file_cache.hpp"

#include "host/cache/stored_result.hpp"
#include "host/util/log.hpp"
#include "host/util/unique_fd.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <string_view>
#include <system_error>
#include <utility>

namespace microengine::cache {

namespace fs = std::filesystem;
using util::Lock;

namespace {

constexpr std::size_t kTogether = 512;   // rows of one transaction
constexpr int kWaitMs = 2'000;           // for another process's transaction
constexpr mode_t kForOthers = S_IWGRP | S_IWOTH;
constexpr std::time_t kDay = 24 * 60 * 60;

constexpr const char* kTables =
    "PRAGMA trusted_schema = OFF; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
    "CREATE TABLE IF NOT EXISTS result (artifact BLOB NOT NULL, backend BLOB NOT NULL, used INTEGER NOT NULL,"
    " row BLOB NOT NULL, PRIMARY KEY (artifact, backend)) WITHOUT ROWID;";

util::Result<void> ours_alone(int fd, const fs::path& path) {
    struct stat info{};
    if (::fstat(fd, &info) != 0)
        return util::fail_errno(util::Errc::io, path.native(), "cannot stat it", errno);
    if (info.st_uid != ::geteuid())
        return util::fail(util::Errc::io, path.native(),
                          "belongs to another user, who could decide verdicts by it");
    if ((info.st_mode & kForOthers) != 0)
        return util::fail(util::Errc::io, path.native(),
                          "others may write to it, and could decide verdicts by it: chmod go-w");
    return {};
}

util::Result<util::UniqueFd> open_own(const fs::path& path, int flags) {
    util::UniqueFd fd(::open(path.c_str(), flags | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (!fd) return util::fail_errno(util::Errc::io, path.native(), "cannot be used", errno);
    if (auto good = ours_alone(fd.get(), path); !good) return std::unexpected(good.error());
    return fd;
}

void bind_bytes(sqlite3_stmt* statement, int at, std::string_view bytes) {
    sqlite3_bind_blob64(statement, at, bytes.data(), bytes.size(), SQLITE_STATIC);
}
std::string_view view(const util::Sha256& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};   // NOLINT: a byte view
}

void remove_database(const fs::path& file) {
    for (const char* suffix : {"", "-wal", "-shm"}) {
        std::error_code ignored;
        fs::remove(file.native() + suffix, ignored);
    }
}

}   // namespace

void FileCache::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }
void FileCache::Close::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

util::Result<std::unique_ptr<FileCache>> FileCache::open(Settings settings) {
    std::error_code failed;
    fs::create_directories(settings.directory.parent_path(), failed);
    if (::mkdir(settings.directory.c_str(), S_IRWXU) != 0 && errno != EEXIST)
        return util::fail_errno(util::Errc::io, settings.directory.native(), "cannot be made", errno);
    if (auto directory = open_own(settings.directory, O_RDONLY | O_DIRECTORY); !directory)
        return std::unexpected(directory.error());
    const fs::path file = settings.directory / "verdicts.sqlite";
    for (const bool again : {false, true}) {
        // Closed before SQLite opens it: closing a file drops the locks that the process holds on it.
        if (auto own = open_own(file, O_RDWR | O_CREAT); !own) return std::unexpected(own.error());
        std::unique_ptr<FileCache> cache(new FileCache(settings));
        const int code = cache->prepare(file);
        if (code == SQLITE_OK) return cache;
        const bool damaged = code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_ERROR;
        if (again || !damaged)
            return util::fail(util::Errc::io, file.native(),
                              std::string("cannot be used: ") + sqlite3_errstr(code));
        cache.reset();
        util::log(util::Level::warning, "verdict_cache_replaced",
                  {{"file", file.native()}, {"why", sqlite3_errstr(code)}});
        remove_database(file);
    }
    std::unreachable();
}

int FileCache::prepare(const fs::path& file) {
    today_ = std::time(nullptr) / kDay;
    sqlite3* opened = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;
    const int code = sqlite3_open_v2(file.c_str(), &opened, flags, nullptr);
    database_.reset(opened);
    if (code != SQLITE_OK) return code;
    sqlite3_busy_timeout(opened, kWaitMs);
    if (const int made = run(kTables); made != SQLITE_OK) return made;
    const std::pair<Statement*, const char*> statements[] = {
        {&find_, "SELECT row, used FROM result WHERE artifact = ? AND backend = ?"},
        {&insert_, "INSERT OR REPLACE INTO result (artifact, backend, used, row) VALUES (?, ?, ?, ?)"},
        {&touch_, "UPDATE result SET used = ?3 WHERE artifact = ?1 AND backend = ?2"}};
    for (const auto& [statement, sql] : statements) {
        sqlite3_stmt* prepared = nullptr;
        const int ready = sqlite3_prepare_v3(opened, sql, -1, SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
        statement->reset(prepared);
        if (ready != SQLITE_OK) return ready;
    }
    return SQLITE_OK;
}

int FileCache::run(const char* sql) { return sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr); }

FileCache::~FileCache() {
    const Lock lock(mutex_);
    write();
    if (!works_ || !find_) return;
    const std::uint64_t pages = number("PRAGMA page_count") - number("PRAGMA freelist_count");
    if (number("PRAGMA page_size") * pages <= settings_.most_bytes) return;
    (void)run(
        "DELETE FROM result WHERE (artifact, backend) IN (SELECT artifact, backend FROM result"
        " ORDER BY used LIMIT (SELECT count(*) / 4 FROM result))");
}

std::uint64_t FileCache::number(const char* sql) {
    sqlite3_stmt* prepared = nullptr;
    if (sqlite3_prepare_v2(database_.get(), sql, -1, &prepared, nullptr) != SQLITE_OK) return 0;
    const Statement statement(prepared);
    if (sqlite3_step(prepared) != SQLITE_ROW) return 0;
    return static_cast<std::uint64_t>(sqlite3_column_int64(prepared, 0));
}

std::optional<core::ScanResult> FileCache::find(const core::CacheKey& key) {
    const Lock lock(mutex_);
    if (!works_) return std::nullopt;
    bind_bytes(find_.get(), 1, view(key.artifact));
    bind_bytes(find_.get(), 2, view(key.backend));
    std::optional<core::ScanResult> found;
    const int code = sqlite3_step(find_.get());
    if (code == SQLITE_ROW) {
        const auto* const bytes = static_cast<const char*>(sqlite3_column_blob(find_.get(), 0));
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(find_.get(), 0));
        if (bytes != nullptr) found = restore({bytes, size});
        if (found && sqlite3_column_int64(find_.get(), 1) != today_)
            pending_.push_back({.key = key, .row = {}});
    }
    sqlite3_reset(find_.get());
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) give_up("reading", code);
    return found;
}

void FileCache::keep(const core::CacheKey& key, const core::ScanResult& result) {
    std::string row = store(result);
    const Lock lock(mutex_);
    if (!works_) return;
    pending_.push_back({.key = key, .row = std::move(row)});
    if (pending_.size() >= kTogether) write();
}

void FileCache::write() {
    if (pending_.empty() || !works_) return;
    int code = run("BEGIN IMMEDIATE");
    for (const Pending& pending : pending_) {
        if (code != SQLITE_OK) break;
        sqlite3_stmt* const statement = pending.row.empty() ? touch_.get() : insert_.get();
        bind_bytes(statement, 1, view(pending.key.artifact));
        bind_bytes(statement, 2, view(pending.key.backend));
        sqlite3_bind_int64(statement, 3, today_);
        if (!pending.row.empty()) bind_bytes(statement, 4, pending.row);
        sqlite3_step(statement);
        code = sqlite3_reset(statement);   // the error of the step, if there was one
    }
    pending_.clear();
    if (code == SQLITE_OK) code = run("COMMIT");
    if (code == SQLITE_OK) return;
    (void)run("ROLLBACK");
    // Another process is busy longer than we wait: these are scanned again another time.
    if (code != SQLITE_BUSY) give_up("writing", code);
}

void FileCache::give_up(const char* doing, int code) {
    util::log(util::Level::warning, "verdict_cache_given_up",
              {{"doing", doing}, {"why", sqlite3_errstr(code)}});
    works_ = false;
}

}   // namespace microengine::cache
