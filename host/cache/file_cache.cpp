// SPDX-License-Identifier: MIT
#include "host/cache/file_cache.hpp"

#include "host/cache/stored_result.hpp"
#include "host/util/log.hpp"
#include "host/util/unique_fd.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

namespace microengine::cache {

namespace fs = std::filesystem;
using util::Lock;

namespace {

constexpr std::size_t kTogether = 512;        // rows of one transaction
constexpr std::size_t kMostPending = 8'192;   // while another process writes
constexpr int kMostErrors = 8;
constexpr int kEndWaitMs = 5'000;   // for another process's transaction, when nobody waits for us any more
constexpr int kRetries = 100, kRetryMs = 20;
constexpr mode_t kForOthers = S_IWGRP | S_IWOTH;

bool is_damage(int code) { return code == SQLITE_CORRUPT || code == SQLITE_NOTADB; }

util::Result<void> ours_alone(int fd, const fs::path& path) {
    struct stat info{};
    if (::fstat(fd, &info) != 0)
        return util::fail_errno(util::Errc::io, path.native(), "cannot stat it", errno);
    if (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode))
        return util::fail(util::Errc::io, path.native(), "is a link or a device, and is not followed");
    if (info.st_uid != ::geteuid())
        return util::fail(util::Errc::io, path.native(),
                          "belongs to another user, who could decide verdicts by it");
    if ((info.st_mode & kForOthers) != 0)
        return util::fail(util::Errc::io, path.native(),
                          "others may write to it, and could decide verdicts by it: chmod go-w");
    return {};
}

/// Ours alone, made if it is not there, and locked until it is closed: one process at a time makes, opens or
/// removes the file in it.
util::Result<util::UniqueFd> lock_directory(const fs::path& directory) {
    std::error_code ignored;
    fs::create_directories(directory.parent_path(), ignored);
    if (::mkdir(directory.c_str(), S_IRWXU) != 0 && errno != EEXIST)
        return util::fail_errno(util::Errc::io, directory.native(), "cannot be made", errno);
    util::UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd) return util::fail_errno(util::Errc::io, directory.native(), "cannot be used", errno);
    ME_CHECK(ours_alone(fd.get(), directory));
    // Not for ever: whoever may read it can hold the lock.
    for (int tries = 0; ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0 && tries < kRetries; ++tries)
        sqlite3_sleep(kRetryMs);
    return fd;
}

void remove_database(const fs::path& file) {
    for (const char* suffix : {"", "-wal", "-shm"}) {
        std::error_code ignored;
        fs::remove(file.native() + suffix, ignored);
    }
}

util::Result<void> have_own(const fs::path& file) {
    // By O_PATH: closing any other descriptor of it would drop the locks that this process has on it.
    util::UniqueFd fd(::open(file.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (fd) return ours_alone(fd.get(), file);
    if (errno != ENOENT) return util::fail_errno(util::Errc::io, file.native(), "cannot be used", errno);
    remove_database(file);   // what one that was deleted has left beside it is not the new one's
    fd.reset(::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (!fd) return util::fail_errno(util::Errc::io, file.native(), "cannot be made", errno);
    return {};
}

}   // namespace

util::Result<std::unique_ptr<FileCache>> FileCache::open(Settings settings) {
    const util::UniqueFd locked = ME_TRY(lock_directory(settings.directory));
    std::error_code failed;
    // SQLite is told to follow no link, and means all of the path.
    const fs::path file = fs::canonical(settings.directory, failed) / "verdicts.sqlite";
    if (failed) return util::fail(util::Errc::io, settings.directory.native(), failed.message());
    for (const bool again : {false, true}) {
        ME_CHECK(have_own(file));
        Database database;
        const int code = database.open(file);
        if (code == SQLITE_OK)
            return std::unique_ptr<FileCache>(new FileCache(std::move(settings), file, std::move(database)));
        if (again || !is_damage(code))
            return util::fail(util::Errc::io, file.native(),
                              std::string("cannot be used: ") + sqlite3_errstr(code));
        database.close();
        util::log(util::Level::warning, "verdict_cache_replaced",
                  {{"file", file.native()}, {"why", sqlite3_errstr(code)}});
        remove_database(file);
    }
    std::unreachable();
}

FileCache::FileCache(Settings settings, fs::path file, Database database)
    : settings_(std::move(settings)),
      file_(std::move(file)),
      database_(std::move(database)),
      write_at_(kTogether) {}

FileCache::~FileCache() {
    const Lock lock(mutex_);
    database_.wait(kEndWaitMs);
    write();
    if (!damaged_) return;
    const auto locked = lock_directory(file_.parent_path());
    const bool moved = database_.has_moved();   // another process has replaced it already
    database_.close();
    if (locked && !moved) remove_database(file_);
}

std::optional<core::ScanResult> FileCache::find(const core::CacheKey& key) {
    const Lock lock(mutex_);
    if (!works_) return std::nullopt;
    std::string bytes;
    bool used_today = true;
    const int code = database_.find(key, bytes, used_today);
    const bool read = code == SQLITE_ROW || code == SQLITE_DONE || code == SQLITE_BUSY;
    errors_ = read ? 0 : errors_ + 1;
    if (is_damage(code) || errors_ >= kMostErrors) give_up("reading", code);
    if (code == SQLITE_ROW)
        if (auto found = restore(key, bytes)) {
            if (!used_today) remember({.key = key, .bytes = {}});
            return found;
        }
    const auto pending = std::ranges::find(pending_, key, &Row::key);
    return pending == pending_.end() ? std::nullopt : restore(key, pending->bytes);
}

void FileCache::keep(const core::CacheKey& key, const core::ScanResult& result) {
    std::string bytes = store(key, result);
    const Lock lock(mutex_);
    if (works_) remember({.key = key, .bytes = std::move(bytes)});
}

void FileCache::remember(Row row) {
    if (pending_.size() >= write_at_) write();
    if (works_ && pending_.size() < kMostPending) pending_.push_back(std::move(row));
}

void FileCache::write() {
    if (pending_.empty() || !works_) return;
    const int code = database_.write(pending_);
    if (code == SQLITE_BUSY) {   // nobody waits for another process: later
        write_at_ = std::min(pending_.size() + kTogether, kMostPending);
        return;
    }
    pending_.clear();
    write_at_ = kTogether;
    if (code != SQLITE_OK) return give_up("writing", code);
    database_.keep_below(settings_.most_bytes);
}

void FileCache::give_up(const char* doing, int code) {
    util::log(util::Level::warning, "verdict_cache_given_up",
              {{"doing", doing}, {"why", sqlite3_errstr(code)}});
    works_ = false;
    damaged_ = is_damage(code);
    pending_.clear();
}

}   // namespace microengine::cache
