// SPDX-License-Identifier: MIT
#pragma once
// As another program that looks into our databases.

#include <sqlite3.h>

#include <filesystem>

namespace microengine::support {

/// Another program's connection to the file.
struct Sqlite {
    explicit Sqlite(const std::filesystem::path& file) { sqlite3_open(file.c_str(), &database); }
    ~Sqlite() { sqlite3_close(database); }
    Sqlite(const Sqlite&) = delete;
    Sqlite& operator=(const Sqlite&) = delete;
    int run(const char* sql) const { return sqlite3_exec(database, sql, nullptr, nullptr, nullptr); }
    sqlite3* database = nullptr;
};

}   // namespace microengine::support
