// SPDX-License-Identifier: MIT
#include "host/frontends/polyswarm/journal_table.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <utility>

namespace microengine::polyswarm {

namespace {

constexpr std::array<std::string_view, 5> kStates{"accepted", "fixed", "delivered", "refused", "expired"};

}   // namespace

std::string_view to_text(State state) { return kStates.at(std::to_underlying(state)); }

std::string_view bytes_of(const util::Sha256& key) {
    return {reinterpret_cast<const char*>(key.data()), key.size()};   // NOLINT: a byte view
}

JournalRow read_row(const store::Statement& statement) {
    JournalRow row;
    const std::string key = statement.bytes(0);
    std::ranges::copy_n(key.begin(), static_cast<std::ptrdiff_t>(std::min(key.size(), row.key.size())),
                        row.key.begin());
    row.engine = statement.bytes(1);
    row.state = static_cast<State>(std::clamp<std::int64_t>(statement.number(2), 0, kStates.size() - 1));
    row.accepted_ms = statement.number(3);
    row.deadline_ms = statement.number(4);
    row.fixed_ms = statement.number(5);
    row.finished_ms = statement.number(6);
    row.delivery = statement.bytes(7);
    row.body = statement.bytes(8);
    row.reply = statement.bytes(9);
    row.verdict = statement.bytes(10);
    row.note = statement.bytes(11);
    row.bid = bounty::parse_wei(statement.bytes(12)).value_or(bounty::Wei{});
    row.taken = statement.number(13) != 0;
    row.attempts = static_cast<std::uint32_t>(statement.number(14));
    row.last_status = static_cast<std::uint32_t>(statement.number(15));
    return row;
}

bool is_empty(store::Connection& database) {
    return database.number("SELECT count(*) FROM sqlite_schema") == 0 &&
           database.number("PRAGMA application_id") == 0;
}

std::string unusable(store::Connection& database) {
    const auto id = database.number("PRAGMA application_id");
    if (!id) return "cannot be read: " + database.error();
    if (*id != kJournalId) return "is no journal of bounties";
    const std::int64_t version = database.number("PRAGMA user_version").value_or(0);
    if (version > kJournalVersion)
        return "is of a newer version (" + std::to_string(version) + ") than this program knows (" +
               std::to_string(kJournalVersion) + ")";
    const std::string check = database.text("PRAGMA quick_check(1)").value_or(database.error());
    return check == "ok" ? std::string() : "is damaged: " + check;
}

}   // namespace microengine::polyswarm
