// SPDX-License-Identifier: MIT
#include "host/store/sqlite.hpp"

#include <sqlite3.h>

namespace microengine::store {

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
void Connection::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

void Statement::bind(int at, std::int64_t number) { sqlite3_bind_int64(statement_.get(), at, number); }

void Statement::bind_text(int at, std::string_view text) {
    sqlite3_bind_text64(statement_.get(), at, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

void Statement::bind_blob(int at, std::string_view bytes) {
    sqlite3_bind_blob64(statement_.get(), at, bytes.data(), bytes.size(), SQLITE_STATIC);
}

void Statement::bind_null(int at) { sqlite3_bind_null(statement_.get(), at); }

int Statement::step() { return sqlite3_step(statement_.get()); }

int Statement::reset() { return sqlite3_reset(statement_.get()); }

int Statement::run() {
    (void)step();
    return reset();   // the error of the step, if there was one
}

std::int64_t Statement::number(int column) const { return sqlite3_column_int64(statement_.get(), column); }

std::string Statement::bytes(int column) const {
    const auto* const data = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
    return data == nullptr ? std::string() : std::string(data, size);
}

bool Statement::is_null(int column) const {
    return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

int Connection::open(const std::filesystem::path& file, Access access) {
    sqlite3* opened = nullptr;
    const int flags = (access == Access::write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) |
                      SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;
    const int code = sqlite3_open_v2(file.c_str(), &opened, flags, nullptr);
    database_.reset(opened);
    return code;
}

void Connection::wait(int milliseconds) { sqlite3_busy_timeout(database_.get(), milliseconds); }

int Connection::run(const char* sql) {
    return sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
}

int Connection::prepare(std::string_view sql, Statement& statement) {
    sqlite3_stmt* prepared = nullptr;
    const int code = sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
    statement.statement_.reset(prepared);
    return code;
}

std::optional<std::int64_t> Connection::number(std::string_view sql) {
    Statement statement;
    if (prepare(sql, statement) != SQLITE_OK || statement.step() != SQLITE_ROW) return std::nullopt;
    return statement.number(0);
}

std::optional<std::string> Connection::text(std::string_view sql) {
    Statement statement;
    if (prepare(sql, statement) != SQLITE_OK || statement.step() != SQLITE_ROW) return std::nullopt;
    return statement.bytes(0);
}

int Connection::changes() const { return sqlite3_changes(database_.get()); }

std::string Connection::error() const {
    return database_ ? sqlite3_errmsg(database_.get()) : "out of memory";
}

}   // namespace microengine::store
