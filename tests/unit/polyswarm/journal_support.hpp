// SPDX-License-Identifier: MIT
#pragma once
// Journals in a directory of their own, whose calls are waited for.

#include "host/frontends/polyswarm/journal.hpp"
#include "tests/support/temp_dir.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace microengine::polyswarm {

inline util::Sha256 key_of(int number) {
    util::Sha256 key{};
    key[0] = static_cast<std::uint8_t>(number);
    key[31] = static_cast<std::uint8_t>(number >> 8);
    return key;
}

/// One to promise.
inline JournalRow row_of(int number, std::int64_t deadline_ms = 5'000) {
    JournalRow row;
    row.key = key_of(number);
    row.engine = "main";
    row.accepted_ms = 1'000 + number;
    row.deadline_ms = deadline_ms;
    row.delivery = "delivery " + std::to_string(number);
    row.body = R"({"id":)" + std::to_string(number) + "}";
    return row;
}

inline Fixing fixing_of(int number, std::string reply = R"({"verdict":"benign"})", std::string bid = "100") {
    return {.key = key_of(number),
            .at_ms = 2'000 + number,
            .reply = std::move(reply),
            .verdict = "benign",
            .note = "all said so",
            .bid = *bounty::parse_wei(bid),
            .taken = true};
}

inline constexpr std::int64_t kFinished = 4'000'000'000'000;   // in the year 2096: not long ago

inline Closing closing_of(int number, State state = State::delivered, std::int64_t at_ms = kFinished) {
    return {.key = key_of(number), .state = state, .at_ms = at_ms, .attempts = 2, .last_status = 201};
}

/// Fails the test if it does not come.
template <class T>
T value_of(std::future<T> future) {
    if (future.wait_for(support::kPatience) == std::future_status::ready) return future.get();
    ADD_FAILURE() << "the journal does not answer";
    return T{};
}

template <class T>
std::move_only_function<void(T)> into(std::promise<T> promise) {
    return [promise = std::move(promise)](T value) mutable { promise.set_value(value); };
}

inline std::future<Promise> begin(Journal& journal, JournalRow row) {
    std::promise<Promise> promise;
    auto future = promise.get_future();
    journal.promise(std::move(row), into(std::move(promise)));
    return future;
}
inline std::future<bool> begin(Journal& journal, Fixing fixing) {
    std::promise<bool> promise;
    auto future = promise.get_future();
    journal.fix(std::move(fixing), into(std::move(promise)));
    return future;
}
inline std::future<bool> begin(Journal& journal, Closing closing) {
    std::promise<bool> promise;
    auto future = promise.get_future();
    journal.close(closing, into(std::move(promise)));
    return future;
}
template <class What>
auto ask(Journal& journal, What what) {
    return value_of(begin(journal, std::move(what)));
}

class JournalTest : public testing::Test {
protected:
    [[nodiscard]] std::unique_ptr<Journal> open(std::uint32_t max_pending = 1'000) const {
        auto opened = Journal::open({.file = file, .max_pending = max_pending});
        EXPECT_TRUE(opened) << opened.error().text();
        return opened ? *std::move(opened) : nullptr;
    }
    /// Why it cannot be opened.
    [[nodiscard]] std::string refusal() const {
        auto opened = Journal::open({.file = file});
        return opened ? "it was opened" : opened.error().message;
    }
    /// As a crash would have left it, in a directory of its own.
    [[nodiscard]] std::unique_ptr<Journal> open_after_crash() const {
        const auto copies = dir / "crashed";
        std::filesystem::create_directory(copies);
        for (const std::string_view end : {"", "-wal"})
            std::filesystem::copy_file(file.native() + std::string(end),
                                       (copies / "journal.db").native() + std::string(end),
                                       std::filesystem::copy_options::overwrite_existing);
        auto opened = Journal::open({.file = copies / "journal.db"});
        EXPECT_TRUE(opened) << opened.error().text();
        return opened ? *std::move(opened) : nullptr;
    }
    static std::vector<JournalRow> owed(const Journal& journal) {
        auto rows = journal.owed();
        EXPECT_TRUE(rows) << rows.error().text();
        return rows ? *std::move(rows) : std::vector<JournalRow>{};
    }
    /// All rows, the newest first.
    [[nodiscard]] std::vector<JournalRow> all_rows() const {
        auto rows = read_journal(file, {.most = 1'000});
        EXPECT_TRUE(rows) << rows.error().text();
        return rows ? *std::move(rows) : std::vector<JournalRow>{};
    }

    support::TempDir dir;
    std::filesystem::path file = dir / "journal.db";
};

}   // namespace microengine::polyswarm
