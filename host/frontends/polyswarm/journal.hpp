// SPDX-License-Identifier: MIT
#pragma once
// What was promised: each accepted bounty is a row in a SQLite file before anybody is told so, and its reply
// is in that row before it is first sent. After a crash the open rows say what is still owed.

#include "host/bounty/wei.hpp"
#include "host/util/digest.hpp"
#include "host/util/result.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace microengine::polyswarm {

enum class State : std::uint8_t {
    accepted,    ///< owed: no reply yet
    fixed,       ///< owed: the reply is fixed, and not delivered yet
    delivered,   ///< the marketplace has taken it
    refused,     ///< the marketplace does not want it
    expired,     ///< its deadline passed before it could be delivered
};
[[nodiscard]] std::string_view to_text(State state);

/// Times are Unix milliseconds.
struct JournalRow {
    util::Sha256 key{};
    std::string engine;
    State state = State::accepted;
    std::int64_t accepted_ms = 0;
    std::int64_t deadline_ms = 0;
    std::int64_t fixed_ms = 0;   ///< 0: not yet, as finished_ms
    std::int64_t finished_ms = 0;
    std::string delivery;   ///< X-POLYSWARM-DELIVERY, printable
    std::string body;       ///< as it was signed
    std::string reply;
    std::string verdict;
    std::string note;   ///< why the verdict is what it is, for people
    bounty::Wei bid;
    bool taken = false;   ///< it was scanned, or was to be: it counts for the rate limits
    std::uint32_t attempts = 0;
    std::uint32_t last_status = 0;   ///< HTTP; 0: none came
};

/// What is fixed of a bounty, once and for all.
struct Fixing {
    util::Sha256 key{};
    std::int64_t at_ms = 0;
    std::string reply;
    std::string verdict;
    std::string note;
    bounty::Wei bid;
    bool taken = false;
};

struct Closing {
    util::Sha256 key{};
    State state = State::delivered;
    std::int64_t at_ms = 0;
    std::uint32_t attempts = 0;
    std::uint32_t last_status = 0;
};

enum class Promise : std::uint8_t {
    made,     ///< durable: the bounty is ours
    known,    ///< it was made before
    full,     ///< max_pending are owed already, or no more are taken
    failed,   ///< it could not be written
};

class Journal {
public:
    struct Settings {
        std::filesystem::path file;
        std::uint32_t max_pending = 1000;
        std::uint32_t keep_hours = 48;
    };
    /// Makes the file where it is missing (mode 0600). An error (Errc::config): it is no journal, damaged, of
    /// a newer version, or another process uses it. Nothing is ever deleted to get going.
    [[nodiscard]] static util::Result<std::unique_ptr<Journal>> open(Settings settings);
    /// Writes what is in line. Joins its thread.
    ~Journal();
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;

    // Before the first of the calls that follow. An error (Errc::config): it cannot be read.
    /// What is owed, the earliest deadline first.
    [[nodiscard]] util::Result<std::vector<JournalRow>> owed() const;
    /// Accepted or fixed since then, without bodies and replies, the oldest first.
    [[nodiscard]] util::Result<std::vector<JournalRow>> since(std::int64_t ms) const;

    // Any thread. What is asked at the same time is written in one transaction. `done` is called exactly
    // once, on the journal's thread, after that; it must not wait or throw.
    void promise(JournalRow row, std::move_only_function<void(Promise)> done);
    /// False: it could not be written yet. It will be as soon as that is possible.
    void fix(Fixing fixing, std::move_only_function<void(bool)> done);
    void close(Closing closing, std::move_only_function<void(bool)> done);

    /// From now on only what is known is promised: all else is as if it were full.
    void take_no_more();

    [[nodiscard]] std::size_t pending() const;   ///< promised and not finished
    /// The last transaction could be written. If not, another is tried every second.
    [[nodiscard]] bool healthy() const;

private:
    struct Impl;
    explicit Journal(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// What is listed: rows that are owed, or all; those whose key begins so (hexadecimal digits); the newest
/// first.
struct Listing {
    bool only_owed = false;
    std::string prefix = {};
    std::size_t most = 50;
};
/// While another process writes.
[[nodiscard]] util::Result<std::vector<JournalRow>> read_journal(const std::filesystem::path& file,
                                                                 const Listing& listing);

}   // namespace microengine::polyswarm
