// SPDX-License-Identifier: MIT
#pragma once
// The verdict cache that outlives the process: an SQLite database that several processes may use at once and
// that may be deleted at any time. Whoever can write it decides verdicts, so it must be ours alone.

#include "host/cache/database.hpp"
#include "host/core/verdict_cache.hpp"
#include "host/util/mutex.hpp"
#include "host/util/result.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

namespace microengine::cache {

class FileCache : public core::VerdictCache {
public:
    struct Settings {
        std::filesystem::path directory;                     ///< is made if it is not there
        std::uint64_t most_bytes = std::uint64_t{1} << 30;   ///< beyond it the longest unused go
    };
    /// A damaged file is replaced by a new one. Errors: a directory or file that is not ours alone or cannot
    /// be made or written.
    [[nodiscard]] static util::Result<std::unique_ptr<FileCache>> open(Settings settings);
    /// Writes what is still to be written. A file that proved damaged is removed.
    ~FileCache() override;
    FileCache(const FileCache&) = delete;
    FileCache& operator=(const FileCache&) = delete;

    [[nodiscard]] std::optional<core::ScanResult> find(const core::CacheKey& key) override;
    /// Written together with others, a few hundred at a time: what is lost in a crash is scanned again.
    void keep(const core::CacheKey& key, const core::ScanResult& result) override;

private:
    FileCache(Settings settings, std::filesystem::path file, Database database);
    void remember(Row row) ME_REQUIRES(mutex_);
    void write() ME_REQUIRES(mutex_);
    /// After an error that will not go away: no cache from here on.
    void give_up(const char* doing, int code) ME_REQUIRES(mutex_);

    const Settings settings_;
    const std::filesystem::path file_;
    util::Mutex mutex_;
    Database database_ ME_GUARDED_BY(mutex_);
    bool works_ ME_GUARDED_BY(mutex_) = true;
    bool damaged_ ME_GUARDED_BY(mutex_) = false;
    int errors_ ME_GUARDED_BY(mutex_) = 0;   // of reading, one after the other
    std::vector<Row> pending_ ME_GUARDED_BY(mutex_);
    std::size_t write_at_ ME_GUARDED_BY(mutex_);   // so many are pending
};

}   // namespace microengine::cache
