// SPDX-License-Identifier: MIT
#pragma once
// As another program that looks into our databases.

#include <sqlite3.h>

#include <filesystem>

namespace microengine::support {

/// Another program's connection to the file.
struct Sqlite {
    explicit Sqlite(const std::filesystem::path& file) {
        constexpr int patience_ms = 20'000;   // others may be writing
        sqlite3_open(file.c_str(), &database);
        sqlite3_busy_timeout(database, patience_ms);
    }
    ~Sqlite() { sqlite3_close(database); }
    Sqlite(const Sqlite&) = delete;
    Sqlite& operator=(const Sqlite&) = delete;
    int run(const char* sql) const { return sqlite3_exec(database, sql, nullptr, nullptr, nullptr); }
    sqlite3* database = nullptr;
};

}   // namespace microengine::support
