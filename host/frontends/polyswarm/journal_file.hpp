// SPDX-License-Identifier: MIT
#pragma once
// The journal's file as its one writer sees it. One thread at a time, but for what says otherwise.

#include "host/frontends/polyswarm/journal.hpp"
#include "host/store/sqlite.hpp"
#include "host/util/unique_fd.hpp"

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace microengine::polyswarm {

class JournalFile {
public:
    explicit JournalFile(Journal::Settings settings) : settings_(std::move(settings)) {}

    /// As Journal::open().
    [[nodiscard]] util::Result<void> open();
    [[nodiscard]] const std::string& place() const { return settings_.file.native(); }

    // One transaction: begin(), any number of write(), end(). False: it failed, why() says how, and nothing
    // of it is in the file once it has been abandoned.
    [[nodiscard]] bool begin();
    [[nodiscard]] bool write(const JournalRow& row, Promise& outcome);
    [[nodiscard]] bool write(const Fixing& fixing);
    [[nodiscard]] bool write(const Closing& closing);
    /// Nothing new, but the disk has to take it.
    [[nodiscard]] bool write_nothing();
    [[nodiscard]] bool end();
    void abandon();
    [[nodiscard]] std::string why() const { return database_.error(); }

    /// What is finished for so long goes, a little at a time. True: there may be more of it.
    bool tidy();
    [[nodiscard]] util::Result<std::vector<JournalRow>> rows(const std::string& sql);
    /// As Journal::take_no_more(). Any thread.
    void take_no_more() { full_ = true; }
    /// Rows without a final state. Any thread.
    [[nodiscard]] std::size_t owed() const { return static_cast<std::size_t>(owed_.load()); }

private:
    [[nodiscard]] util::Result<void> make_file() const;
    [[nodiscard]] bool prepare();

    const Journal::Settings settings_;
    util::UniqueFd lock_;
    store::Connection database_;
    store::Statement find_, insert_, fix_, close_;
    std::atomic<std::int64_t> owed_ = 0;
    std::int64_t owed_before_ = 0;   // the transaction
    std::atomic<bool> full_ = false;
};

}   // namespace microengine::polyswarm
