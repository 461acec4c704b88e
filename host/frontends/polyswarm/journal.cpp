// SPDX-License-Identifier: MIT
#include "host/frontends/polyswarm/journal.hpp"

#include "host/frontends/polyswarm/journal_table.hpp"
#include "host/util/log.hpp"
#include "host/util/metrics.hpp"
#include "host/util/mutex.hpp"
#include "host/util/unique_fd.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>
#include <variant>

namespace microengine::polyswarm {

namespace {

using util::Lock;

constexpr int kWaitMs = 5'000;   // for a listing that reads just now
constexpr auto kTidyEvery = std::chrono::minutes(10);
constexpr std::int64_t kHourMs = 3'600'000;

constexpr const char* kSettings =
    "PRAGMA trusted_schema = OFF; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
    "PRAGMA journal_size_limit = 16777216;";
constexpr const char* kTables =
    "BEGIN IMMEDIATE;"
    "PRAGMA application_id = 0x4d454a31; PRAGMA user_version = 1;"
    // The id and where to reply are within the body; bids are summed by us: SQLite's integers have 64 bits.
    "CREATE TABLE IF NOT EXISTS bounty (key BLOB PRIMARY KEY, engine TEXT NOT NULL, state INTEGER NOT NULL,"
    " accepted_ms INTEGER NOT NULL, deadline_ms INTEGER NOT NULL, fixed_ms INTEGER NOT NULL DEFAULT 0,"
    " finished_ms INTEGER NOT NULL DEFAULT 0, delivery TEXT NOT NULL DEFAULT '', body BLOB NOT NULL,"
    " reply BLOB NOT NULL DEFAULT '', verdict TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '',"
    " bid_wei TEXT NOT NULL DEFAULT '0', taken INTEGER NOT NULL DEFAULT 0,"
    " attempts INTEGER NOT NULL DEFAULT 0, last_status INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS bounty_owed ON bounty (deadline_ms) WHERE state < 2;"
    "CREATE INDEX IF NOT EXISTS bounty_finished ON bounty (finished_ms) WHERE state >= 2;"
    "CREATE INDEX IF NOT EXISTS bounty_accepted ON bounty (accepted_ms);"
    "COMMIT;";

std::int64_t unix_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

struct Promising {
    JournalRow row;
    std::move_only_function<void(Promise)> done;
    Promise outcome = Promise::failed;
};
template <class What>
struct Changing {
    What what;
    std::move_only_function<void(bool)> done;
};
using Entry = std::variant<Promising, Changing<Fixing>, Changing<Closing>>;

template <class... Cases>
struct Match : Cases... {
    using Cases::operator()...;
};

}   // namespace

struct Journal::Impl {
    explicit Impl(Settings given) : settings(std::move(given)) {}

    util::Result<void> open() {
        const std::string& place = settings.file.native();
        const util::UniqueFd made(
            ::open(settings.file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (made.get() < 0) return util::fail_errno(util::Errc::config, place, "cannot be opened", errno);
        // Of a file of its own: closing any descriptor of the database would end SQLite's locks on it.
        lock.reset(::open((place + "-lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (lock.get() < 0)
            return util::fail_errno(util::Errc::config, place + "-lock", "cannot be opened", errno);
        if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0)
            return util::fail(util::Errc::config, place,
                              "is in use by another process; each needs a journal of its own");
        const bool fresh = ::lseek(made.get(), 0, SEEK_END) == 0;
        if (database.open(settings.file, store::Access::write) != SQLITE_OK)
            return util::fail(util::Errc::config, place, database.error());
        database.wait(kWaitMs);
        if (!fresh)
            if (std::string why = unusable(database); !why.empty())
                return util::fail(util::Errc::config, place, why + "; move it away to begin a new one");
        if (database.run(kSettings) != SQLITE_OK || database.run(kTables) != SQLITE_OK || !prepare())
            return util::fail(util::Errc::config, place, database.error());
        owed_count = database.number("SELECT count(*) FROM bounty WHERE state < 2").value_or(0);
        tidy();
        return {};
    }

    bool prepare() {
        const auto ready = [this](std::string_view sql, store::Statement& statement) {
            return database.prepare(sql, statement) == SQLITE_OK;
        };
        return ready("SELECT 1 FROM bounty WHERE key = ?", find) &&
               ready(
                   "INSERT INTO bounty (key, engine, state, accepted_ms, deadline_ms, delivery, body)"
                   " VALUES (?, ?, 0, ?, ?, ?, ?)",
                   insert) &&
               ready(
                   "UPDATE bounty SET state = 1, fixed_ms = ?2, reply = ?3, verdict = ?4, note = ?5,"
                   " bid_wei = ?6, taken = ?7 WHERE key = ?1 AND state = 0",
                   fix) &&
               ready(
                   "UPDATE bounty SET state = ?2, finished_ms = ?3, attempts = ?4, last_status = ?5"
                   " WHERE key = ?1 AND state < 2",
                   close);
    }

    void start() {
        thread = std::jthread([this](const std::stop_token& stop) { work(stop); });
    }

    void put(Entry entry) {
        const Lock held(mutex);
        waiting.push_back(std::move(entry));
        changed.notify_one();
    }

    void work(const std::stop_token& stop) {
        auto next_tidy = std::chrono::steady_clock::now() + kTidyEvery;
        for (;;) {
            std::vector<Entry> batch;
            {
                Lock held(mutex);
                (void)changed.wait_until(held, stop, next_tidy, [this] { return !waiting.empty(); });
                batch.swap(waiting);
            }
            if (!batch.empty()) commit(batch);
            if (batch.empty() && stop.stop_requested()) return;
            if (std::chrono::steady_clock::now() < next_tidy) continue;
            tidy();
            next_tidy = std::chrono::steady_clock::now() + kTidyEvery;
        }
    }

    void commit(std::vector<Entry>& batch) {
        const auto begun = std::chrono::steady_clock::now();
        const std::int64_t owed_before = owed_count;
        int code = database.run("BEGIN IMMEDIATE");
        for (Entry& entry : batch) {
            if (code != SQLITE_OK) break;
            code = std::visit(Match{[this](Promising& one) { return write(one); },
                                    [this](const auto& one) { return write(one.what); }},
                              entry);
        }
        if (code == SQLITE_OK) code = database.run("COMMIT");
        const bool written = code == SQLITE_OK;
        if (!written) {
            util::log(util::Level::error, "journal_failed",
                      {{"journal", settings.file.native()}, {"why", database.error()}});
            (void)database.run("ROLLBACK");
            owed_count = owed_before;
        }
        healthy = written;
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
        util::observe("polyswarm_journal_commit_seconds", {}, took.count());
        for (Entry& entry : batch)
            std::visit(Match{[&](Promising& one) { one.done(written ? one.outcome : Promise::failed); },
                             [&](auto& one) { one.done(written); }},
                       entry);
    }

    int write(Promising& one) {
        find.bind_blob(1, bytes_of(one.row.key));
        const int found = find.step();
        const int reset = find.reset();
        if (reset != SQLITE_OK) return reset;
        one.outcome = found == SQLITE_ROW                  ? Promise::known
                      : owed_count >= settings.max_pending ? Promise::full
                                                           : Promise::made;
        if (one.outcome != Promise::made) return SQLITE_OK;
        insert.bind_blob(1, bytes_of(one.row.key));
        insert.bind_text(2, one.row.engine);
        insert.bind(3, one.row.accepted_ms);
        insert.bind(4, one.row.deadline_ms);
        insert.bind_text(5, one.row.delivery);
        insert.bind_blob(6, one.row.body);
        const int code = insert.run();
        if (code == SQLITE_OK) ++owed_count;
        return code;
    }

    int write(const Fixing& one) {
        const std::string bid = to_text(one.bid);
        fix.bind_blob(1, bytes_of(one.key));
        fix.bind(2, one.at_ms);
        fix.bind_blob(3, one.reply);
        fix.bind_text(4, one.verdict);
        fix.bind_text(5, one.note);
        fix.bind_text(6, bid);
        fix.bind(7, one.taken ? 1 : 0);
        return fix.run();
    }

    int write(const Closing& one) {
        close.bind_blob(1, bytes_of(one.key));
        close.bind(2, std::to_underlying(one.state));
        close.bind(3, one.at_ms);
        close.bind(4, one.attempts);
        close.bind(5, one.last_status);
        const int code = close.run();
        if (code == SQLITE_OK && database.changes() > 0) --owed_count;
        return code;
    }

    /// What is finished and has expired for so long goes, a little at a time: delivered once more it would
    /// have to be turned away, for nobody remembers its reply.
    void tidy() {
        const std::string before =
            std::to_string(unix_ms() - std::int64_t{settings.keep_hours} * kHourMs);
        const std::string sql =
            "DELETE FROM bounty WHERE key IN (SELECT key FROM bounty WHERE state >= 2 AND finished_ms < " +
            before + " AND deadline_ms < " + before + " LIMIT 10000)";
        (void)database.run(sql.c_str());
    }

    [[nodiscard]] std::vector<JournalRow> rows(const std::string& sql) {
        std::vector<JournalRow> found;
        store::Statement statement;
        if (database.prepare(sql, statement) != SQLITE_OK) return found;
        while (statement.step() == SQLITE_ROW) found.push_back(read_row(statement));
        return found;
    }

    const Settings settings;
    util::UniqueFd lock;
    store::Connection database;   // before start() of the opener, after it of the thread
    store::Statement find, insert, fix, close;
    std::atomic<std::int64_t> owed_count = 0;
    std::atomic<bool> healthy = true;
    util::Mutex mutex;
    util::Condition changed;
    std::vector<Entry> waiting ME_GUARDED_BY(mutex);
    std::jthread thread;   // last: ends before what it uses
};

Journal::Journal(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Journal::~Journal() = default;

util::Result<std::unique_ptr<Journal>> Journal::open(Settings settings) {
    auto impl = std::make_unique<Impl>(std::move(settings));
    ME_CHECK(impl->open());
    impl->start();
    return std::unique_ptr<Journal>(new Journal(std::move(impl)));
}

std::vector<JournalRow> Journal::owed() const {
    return impl_->rows("SELECT " + std::string(kColumns) +
                       " FROM bounty WHERE state < 2 ORDER BY deadline_ms");
}

std::vector<JournalRow> Journal::since(std::int64_t ms) const {
    return impl_->rows("SELECT " + std::string(kShortColumns) +
                       " FROM bounty WHERE accepted_ms >= " + std::to_string(ms) +
                       " OR fixed_ms >= " + std::to_string(ms) + " ORDER BY accepted_ms");
}

void Journal::promise(JournalRow row, std::move_only_function<void(Promise)> done) {
    impl_->put(Promising{.row = std::move(row), .done = std::move(done)});
}

void Journal::fix(Fixing fixing, std::move_only_function<void(bool)> done) {
    impl_->put(Changing<Fixing>{.what = std::move(fixing), .done = std::move(done)});
}

void Journal::close(Closing closing, std::move_only_function<void(bool)> done) {
    impl_->put(Changing<Closing>{.what = closing, .done = std::move(done)});
}

std::size_t Journal::pending() const { return static_cast<std::size_t>(impl_->owed_count.load()); }
bool Journal::healthy() const { return impl_->healthy; }

util::Result<std::vector<JournalRow>> read_journal(const std::filesystem::path& file, bool only_owed,
                                                   std::size_t most) {
    store::Connection database;
    if (database.open(file, store::Access::read) != SQLITE_OK)
        return util::fail(util::Errc::io, file.native(), database.error());
    database.wait(kWaitMs);
    if (std::string why = unusable(database); !why.empty())
        return util::fail(util::Errc::io, file.native(), why);
    store::Statement statement;
    const std::string sql = "SELECT " + std::string(kColumns) + " FROM bounty" +
                            (only_owed ? " WHERE state < 2" : "") + " ORDER BY accepted_ms DESC LIMIT " +
                            std::to_string(most);
    if (database.prepare(sql, statement) != SQLITE_OK)
        return util::fail(util::Errc::io, file.native(), database.error());
    std::vector<JournalRow> rows;
    int code = SQLITE_OK;
    while ((code = statement.step()) == SQLITE_ROW) rows.push_back(read_row(statement));
    if (code != SQLITE_DONE) return util::fail(util::Errc::io, file.native(), database.error());
    return rows;
}

}   // namespace microengine::polyswarm
