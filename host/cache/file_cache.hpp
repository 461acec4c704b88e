// SPDX-License-Identifier: MIT
#pragma once
// The verdict cache that outlives the process: an SQLite database that several processes may use at once and
// that may be deleted at any time. Whoever can write it decides verdicts, so it must be ours alone.

#include "host/core/verdict_cache.hpp"
#include "host/util/mutex.hpp"
#include "host/util/result.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace microengine::cache {

class FileCache : public core::VerdictCache {
public:
    struct Settings {
        std::filesystem::path directory;                     ///< is made if it is not there
        std::uint64_t most_bytes = std::uint64_t{1} << 30;   ///< beyond it the longest unused go, at the end
    };
    /// A damaged file is replaced by a new one. Errors: a directory or file that is not ours alone or cannot
    /// be made or written.
    [[nodiscard]] static util::Result<std::unique_ptr<FileCache>> open(Settings settings);
    /// Writes what is still to be written.
    ~FileCache() override;
    FileCache(const FileCache&) = delete;
    FileCache& operator=(const FileCache&) = delete;

    [[nodiscard]] std::optional<core::ScanResult> find(const core::CacheKey& key) override;
    /// Written together with others, a few hundred at a time: what is lost in a crash is scanned again.
    void keep(const core::CacheKey& key, const core::ScanResult& result) override;

private:
    struct Close {
        void operator()(sqlite3* database) const;
        void operator()(sqlite3_stmt* statement) const;
    };
    using Statement = std::unique_ptr<sqlite3_stmt, Close>;
    struct Pending {
        core::CacheKey key;
        std::string row;   ///< empty: it was used again, keep it longer
    };

    explicit FileCache(Settings settings) : settings_(std::move(settings)) {}
    /// An SQLite result code.
    [[nodiscard]] int prepare(const std::filesystem::path& file);
    [[nodiscard]] int run(const char* sql);
    /// The one number that it answers; 0: an error.
    [[nodiscard]] std::uint64_t number(const char* sql);
    void write() ME_REQUIRES(mutex_);
    /// After an error that will not go away: no cache from here on.
    void give_up(const char* doing, int code) ME_REQUIRES(mutex_);

    const Settings settings_;
    std::int64_t today_ = 0;
    util::Mutex mutex_;
    std::unique_ptr<sqlite3, Close> database_;
    Statement find_, insert_, touch_;
    bool works_ ME_GUARDED_BY(mutex_) = true;
    std::vector<Pending> pending_ ME_GUARDED_BY(mutex_);
};

}   // namespace microengine::cache
