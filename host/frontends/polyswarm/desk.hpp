// SPDX-License-Identifier: MIT
#pragma once
// Where bounties become replies: fetched, scanned, fixed and posted, the earliest deadline first. Everything
// happens on one thread, so that no state needs a lock; what may wait (files, the network, scans, the
// journal) happens elsewhere and reports back. A watchdog for each bounty sees to it that its reply is fixed
// in time, whatever else hangs.

#include "host/bounty/settings.hpp"
#include "host/engine/scan_service.hpp"
#include "host/fetch/client.hpp"
#include "host/frontends/polyswarm/case.hpp"
#include "host/frontends/polyswarm/journal.hpp"
#include "host/frontends/polyswarm/opinion.hpp"
#include "host/frontends/polyswarm/rates.hpp"
#include "host/util/mutex.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <bitset>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace microengine::polyswarm {

class Desk {
public:
    /// All of it outlives the desk; what reports back does so before `io` ends.
    struct Parts {
        boost::asio::io_context& io;   ///< of the desk's thread
        const bounty::MarketSettings& settings;
        const bounty::Filters& filters;
        engine::ScanService& service;
        Journal& journal;
        fetch::Client& fetches;
        fetch::Client& posts;
    };
    explicit Desk(Parts parts);

    /// A bounty that is in the journal now. On the desk's thread, as all but what says otherwise.
    void open(Engine& engine, bounty::Bounty bounty, const std::string& delivery);
    /// One that was there at the start, with the reply that is fixed, if it is.
    void resume(Engine& engine, bounty::Bounty bounty, JournalRow row);
    /// Of the journal: what counts for the rate limits.
    void count_taken(std::int64_t at_ms) { rates_.count(at_ms); }
    /// Whatever has no reply yet gets one: unknown.
    void give_up();
    /// Whatever has no reply yet gets none any more: the journal has it for the next start.
    void leave();

    /// Waits until no bounty is on its way; false: some still are at that time. Another thread.
    [[nodiscard]] bool wait_until_empty(std::chrono::steady_clock::time_point until);

private:
    using Held = std::shared_ptr<Case>;                              // shared with what reports back on it
    using Line = std::set<std::pair<std::uint64_t, util::Sha256>>;   // by scan deadline

    [[nodiscard]] std::vector<Held> undecided() const;
    Held begin(Engine& engine, bounty::Bounty bounty, const std::string& delivery);
    void watch(const Held& held);
    [[nodiscard]] std::optional<Opinion> refusal_of(Case& one);
    void pump();
    void start_scan(const Held& held);
    void retry_soon();
    void on_report(const Held& held, const core::Report& report);
    [[nodiscard]] Opinion abstain(const Case& one, std::string_view comment, std::string note) const;

    // desk_fetch.cpp
    void start_fetch(const Held& held);
    void on_fetched(const Held& held, fetch::GetAnswer answer);
    [[nodiscard]] std::string take(Case& one, fetch::GetAnswer answer) const;

    // desk_reply.cpp
    void fix(const Held& held, Opinion opinion);
    void decide_bid(Case& one, Opinion& opinion);
    void watch_journal(const Held& held);
    void on_fixed(const Held& held, bool written);
    void post(const Held& held);
    void on_posted(const Held& held, const fetch::PostAnswer& answer);
    void close(const Held& held, State state);

    void count_cases();
    void enter(Case& one, Case::Stage stage);
    /// As a callback that reports back from another thread.
    template <class... Given>
    auto back(void (Desk::*then)(const Held&, Given...), Held held) {
        return [this, then, held = std::move(held)](std::remove_cvref_t<Given>... given) mutable {
            boost::asio::post(parts_.io,
                              [this, then, held = std::move(held), ... given = std::move(given)]() mutable {
                                  (this->*then)(held, std::move(given)...);
                              });
        };
    }

    Parts parts_;
    Rates rates_;
    std::map<util::Sha256, Held> cases_;
    Line waiting_, fetched_;
    std::size_t fetching_ = 0, scanning_ = 0;
    boost::asio::steady_timer retry_;
    bool retrying_ = false;
    bool leaving_ = false;
    std::minstd_rand random_{std::random_device()()};
    std::bitset<100> unknown_;   // of the last replies
    std::size_t replies_ = 0;
    util::Mutex mutex_;
    util::Condition emptied_;
    std::size_t open_cases_ ME_GUARDED_BY(mutex_) = 0;   // as many as cases_ has, for who waits
};

/// Milliseconds since 1970.
[[nodiscard]] std::int64_t unix_ms();

}   // namespace microengine::polyswarm
