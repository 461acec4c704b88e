// SPDX-License-Identifier: MIT
#pragma once
// The journal's table, for who writes it and who lists it.

#include "host/frontends/polyswarm/journal.hpp"
#include "host/store/sqlite.hpp"

#include <string>
#include <string_view>

namespace microengine::polyswarm {

inline constexpr std::int64_t kJournalVersion = 1;
inline constexpr std::int64_t kJournalId = 0x4d454a31;   ///< "MEJ1", as application_id

/// In the order of read_row().
inline constexpr std::string_view kColumns =
    "key, engine, state, accepted_ms, deadline_ms, fixed_ms, finished_ms, delivery, body, reply, verdict, "
    "note,"
    " bid_wei, taken, attempts, last_status";
/// The same without what is long.
inline constexpr std::string_view kShortColumns =
    "key, engine, state, accepted_ms, deadline_ms, fixed_ms, finished_ms, delivery, '', '', verdict, note,"
    " bid_wei, taken, attempts, last_status";

[[nodiscard]] JournalRow read_row(const store::Statement& statement);
[[nodiscard]] std::string_view bytes_of(const util::Sha256& key);
/// One that a journal can be made of: new, or left so by a crash.
[[nodiscard]] bool is_empty(store::Connection& database);
/// Why this file cannot be used as a journal; empty: it can.
[[nodiscard]] std::string unusable(store::Connection& database);

}   // namespace microengine::polyswarm
