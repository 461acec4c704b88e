// SPDX-License-Identifier: MIT
#pragma once
// The SQLite database of the file cache: bytes by key, and when each was used last. One thread at a time.
// Functions answer SQLite's result codes.

#include "host/core/verdict_cache.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace microengine::cache {

struct Row {
    core::CacheKey key;
    std::string bytes;   ///< empty: it was used again, keep it longer
};

class Database {
public:
    /// Of a file that is there; an empty one becomes a database.
    [[nodiscard]] int open(const std::filesystem::path& file);
    void close();
    /// Does the path no longer lead to the file that was opened?
    [[nodiscard]] bool has_moved() const;
    /// How long the following wait for another process's transaction; at the beginning not at all.
    void wait(int milliseconds);

    /// SQLITE_ROW: it is there. `used_today`: it need not be written that it was used again.
    [[nodiscard]] int find(const core::CacheKey& key, std::string& bytes, bool& used_today);
    /// All or none.
    [[nodiscard]] int write(const std::vector<Row>& rows);
    /// Beyond this size some go, of those the longest unused.
    void keep_below(std::uint64_t most_bytes);

private:
    struct Close {
        void operator()(sqlite3* database) const;
        void operator()(sqlite3_stmt* statement) const;
    };
    using Statement = std::unique_ptr<sqlite3_stmt, Close>;

    [[nodiscard]] int run(const char* sql);
    /// The one number that it answers; 0: an error.
    [[nodiscard]] std::uint64_t number(const char* sql);

    std::unique_ptr<sqlite3, Close> database_;
    Statement find_, insert_, touch_, forget_;
    std::uint8_t slice_ = 0;
};

}   // namespace microengine::cache
