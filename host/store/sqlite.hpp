// SPDX-License-Identifier: MIT
#pragma once
// SQLite without its pointers. One thread at a time. Functions answer SQLite's result codes.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace microengine::store {

/// A prepared statement: bind, step until it is not SQLITE_ROW, reset. What is bound must live until then.
class Statement {
public:
    Statement() = default;
    void bind(int at, std::int64_t number);
    void bind_text(int at, std::string_view text);
    void bind_blob(int at, std::string_view bytes);
    void bind_null(int at);
    [[nodiscard]] int step();
    /// Ready for other values; answers the error of the last step, if there was one.
    int reset();
    /// Steps a statement that answers no rows, and resets it.
    [[nodiscard]] int run();

    [[nodiscard]] std::int64_t number(int column) const;
    [[nodiscard]] std::string bytes(int column) const;   ///< of text or a blob; of NULL empty
    [[nodiscard]] bool is_null(int column) const;

private:
    friend class Connection;
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

enum class Access : std::uint8_t { read, write };

class Connection {
public:
    Connection() = default;
    /// Of a file that is there. Does not follow symbolic links.
    [[nodiscard]] int open(const std::filesystem::path& file, Access access);
    /// How long the following wait for another process's transaction; at the beginning not at all.
    void wait(int milliseconds);
    [[nodiscard]] int run(const char* sql);
    [[nodiscard]] int prepare(std::string_view sql, Statement& statement);
    /// The one number that it answers; nothing: an error.
    [[nodiscard]] std::optional<std::int64_t> number(std::string_view sql);
    /// The one text.
    [[nodiscard]] std::optional<std::string> text(std::string_view sql);
    [[nodiscard]] int changes() const;
    /// What SQLite says of the last error.
    [[nodiscard]] std::string error() const;

private:
    struct Close {
        void operator()(sqlite3* database) const;
    };
    std::unique_ptr<sqlite3, Close> database_;
};

}   // namespace microengine::store
