// SPDX-License-Identifier: MIT
#include "host/frontends/polyswarm/journal.hpp"

#include "host/frontends/polyswarm/journal_file.hpp"
#include "host/frontends/polyswarm/journal_table.hpp"
#include "host/util/log.hpp"
#include "host/util/metrics.hpp"
#include "host/util/mutex.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <thread>
#include <utility>
#include <variant>

namespace microengine::polyswarm {

namespace {

using std::chrono::steady_clock;
using util::Lock;

constexpr int kListingWaitMs = 5'000;
constexpr std::size_t kMostRows = 1'000'000'000;   // of a listing: SQLite's numbers have a sign
constexpr std::chrono::seconds kTidyEvery(600);
constexpr std::chrono::seconds kTidyOnAfter(1);       // where much has come together
constexpr auto kTryEvery = std::chrono::seconds(1);   // while it cannot be written

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
using Change = std::variant<Fixing, Closing>;

template <class... Cases>
struct Match : Cases... {
    using Cases::operator()...;
};

}   // namespace

struct Journal::Impl {
    explicit Impl(Settings settings) : file(std::move(settings)) {}

    void start() {
        thread = std::jthread([this](const std::stop_token& stop) { work(stop); });
    }

    void put(Entry entry) {
        const Lock held(mutex);
        waiting.push_back(std::move(entry));
        changed.notify_one();
    }

    void work(const std::stop_token& stop) {
        auto next_tidy = steady_clock::now() + kTidyEvery;
        for (;;) {
            const auto until = healthy ? next_tidy : std::min(next_tidy, steady_clock::now() + kTryEvery);
            std::vector<Entry> batch;
            {
                Lock held(mutex);
                (void)changed.wait_until(held, stop, until,
                                         [this]() ME_REQUIRES(mutex) { return !waiting.empty(); });
                batch.swap(waiting);
            }
            if (!batch.empty() || !healthy) commit(batch);
            if (batch.empty() && stop.stop_requested()) return;
            if (steady_clock::now() < next_tidy) continue;
            next_tidy = steady_clock::now() + (file.tidy() ? kTidyOnAfter : kTidyEvery);
        }
    }

    void commit(std::vector<Entry>& batch) {
        const auto begun = steady_clock::now();
        const bool written = write(batch);
        if (written) {
            unwritten.clear();
        } else {
            util::log(util::Level::error, "journal_failed", {{"journal", file.place()}, {"why", file.why()}});
            file.abandon();
        }
        healthy = written;
        const std::chrono::duration<double> took = steady_clock::now() - begun;
        util::observe("polyswarm_journal_commit_seconds", {}, took.count());
        for (Entry& entry : batch)
            std::visit(Match{[&](Promising& one) { one.done(written ? one.outcome : Promise::failed); },
                             [&](auto& one) {
                                 one.done(written);
                                 if (!written) unwritten.emplace_back(std::move(one.what));
                             }},
                       entry);
    }

    /// One transaction: what could not be written before, then the batch.
    bool write(std::vector<Entry>& batch) {
        if (!file.begin()) return false;
        if (!healthy && !file.write_nothing()) return false;
        for (const Change& change : unwritten)
            if (!std::visit([this](const auto& what) { return file.write(what); }, change)) return false;
        for (Entry& entry : batch) {
            const bool taken =
                std::visit(Match{[this](Promising& one) { return file.write(one.row, one.outcome); },
                                 [this](const auto& one) { return file.write(one.what); }},
                           entry);
            if (!taken) return false;
        }
        return file.end();
    }

    JournalFile file;   // before start() of the opener, after it of the thread
    // Of bounties that are open: what is to be written as soon as that is possible, in this order. Else they
    // would count as owed until the next start.
    std::deque<Change> unwritten;
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
    ME_CHECK(impl->file.open());
    impl->start();
    return std::unique_ptr<Journal>(new Journal(std::move(impl)));
}

util::Result<std::vector<JournalRow>> Journal::owed() const {
    return impl_->file.rows("SELECT " + std::string(kColumns) +
                            " FROM bounty WHERE state < 2 ORDER BY deadline_ms");
}

util::Result<std::vector<JournalRow>> Journal::since(std::int64_t ms) const {
    return impl_->file.rows("SELECT " + std::string(kShortColumns) +
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

void Journal::take_no_more() { impl_->file.take_no_more(); }
std::size_t Journal::pending() const { return impl_->file.owed(); }
bool Journal::healthy() const { return impl_->healthy; }

util::Result<std::vector<JournalRow>> read_journal(const std::filesystem::path& file,
                                                   const Listing& listing) {
    std::error_code unknown;
    if (std::filesystem::status(file, unknown).type() == std::filesystem::file_type::not_found)
        return util::fail(util::Errc::io, file.native(), "does not exist; 'microengine serve' makes it");
    store::Connection database;
    if (database.open(file, store::Access::read) != SQLITE_OK)
        return util::fail(util::Errc::io, file.native(), database.error());
    database.wait(kListingWaitMs);
    if (const std::string why = unusable(database); !why.empty())
        return util::fail(util::Errc::io, file.native(), why);
    store::Statement statement;
    const std::string sql = "SELECT " + std::string(kColumns) + " FROM bounty WHERE hex(key) LIKE ?1" +
                            (listing.only_owed ? " AND state < 2" : "") +
                            " ORDER BY accepted_ms DESC LIMIT " +
                            std::to_string(std::min<std::size_t>(listing.most, kMostRows));
    if (database.prepare(sql, statement) != SQLITE_OK)
        return util::fail(util::Errc::io, file.native(), database.error());
    const std::string prefix = listing.prefix + "%";   // LIKE takes both cases
    statement.bind_text(1, prefix);
    std::vector<JournalRow> rows;
    int code = SQLITE_OK;
    while ((code = statement.step()) == SQLITE_ROW) rows.push_back(read_row(statement));
    if (code != SQLITE_DONE) return util::fail(util::Errc::io, file.native(), database.error());
    return rows;
}

}   // namespace microengine::polyswarm
