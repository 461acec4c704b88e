// SPDX-License-Identifier: MIT
#pragma once
// All backends on one artifact: in turn on the calling thread, or side by side. Decides early where that is
// wanted.

#include "host/combine/combine.hpp"
#include "host/core/artifact.hpp"
#include "host/core/deadline.hpp"
#include "host/engine/costs.hpp"
#include "host/engine/crew.hpp"
#include "host/engine/generation.hpp"
#include "host/util/mutex.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace microengine::engine {

enum class Spread : std::uint8_t { in_turn, side_by_side };

/// What a fan-out needs to know of one artifact.
struct FanOutTask {
    const core::Artifact& artifact;
    core::Deadline deadline;
    bool all_matches = true;
    const std::vector<std::string>* backends = nullptr;   ///< only these; null: all
    Spread spread = Spread::in_turn;
};

/// One slot's scanners, one a backend. run() on one thread at a time; stop() on any.
class FanOut {
public:
    FanOut(std::shared_ptr<const Generation> generation, Costs& costs);

    /// Fills the rows, which are in config order and have their backend set. True: it was stopped because the
    /// rest could not change the verdict.
    bool run(const FanOutTask& task, std::vector<core::ScanResult>& rows);
    /// Ends the running run() soon, and every later one at once: what has not answered is skipped, cancelled.
    void stop();

private:
    struct Seat {
        const OpenBackend* backend = nullptr;
        // Opened by the first scan. Written under the FanOut's mutex, which who cancels holds.
        std::unique_ptr<plugin::Scanner> scanner;
    };
    struct Turn {
        std::size_t backend = 0;
        std::uint64_t usual_ns = 0;
    };

    [[nodiscard]] static bool is_routed_past(const Seat& seat, const FanOutTask& task);
    /// What would name this answer; nothing: it is not remembered.
    [[nodiscard]] std::optional<core::CacheKey> key_of(const Seat& seat, const FanOutTask& task) const;
    /// False: not remembered, and the row untouched.
    [[nodiscard]] bool remembered(const Seat& seat, const FanOutTask& task, core::ScanResult& row) const;
    void remember(const Seat& seat, const FanOutTask& task, const core::ScanResult& row) const;
    /// Returns when it ended; both times in nanoseconds of the monotonic clock, which is asked once a
    /// backend.
    std::uint64_t scan_one(std::size_t index, const FanOutTask& task, core::ScanResult& row,
                           std::uint64_t start);
    /// False, with the row filled, when there is no point in asking this backend.
    bool worth_asking(const Seat& seat, const FanOutTask& task, core::ScanResult& row);
    bool ready(Seat& seat, core::ScanResult& row);
    /// Returns when the scan began: `start`, or after the wait for its turn.
    std::uint64_t ask(Seat& seat, const FanOutTask& task, core::ScanResult& row, std::uint64_t start);
    /// This backend has answered: can the others still change the verdict?
    void settle(std::size_t index, const core::ScanResult& row);
    void put_in_order(const FanOutTask& task);
    void cancel(core::Reason why) ME_REQUIRES(mutex_);

    std::shared_ptr<const Generation>
        generation_;   // shared with the engine: a scan ends on the one it began on
    Costs& costs_;
    std::vector<Seat> seats_;
    // Of the running run(), kept for their memory.
    Costs::Kind kind_{};
    bool remembers_ = false;
    std::vector<Turn> turns_;   // those to be asked, in this order
    util::Mutex mutex_;
    plugin::CancelWord cancel_{core::Reason::none};
    bool stopped_ ME_GUARDED_BY(mutex_) = false;
    // For an early decision, where one is wanted: the votes as far as they are known, and how many are not.
    std::vector<combine::Vote> votes_ ME_GUARDED_BY(mutex_);
    std::size_t open_ ME_GUARDED_BY(mutex_) = 0;
    Crew crew_;   // last: its threads end before what they use
};

}   // namespace microengine::engine
