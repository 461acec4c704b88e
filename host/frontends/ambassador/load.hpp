// SPDX-License-Identifier: MIT
#pragma once
// A load run: many bounties at a steady rate, each judged. Main thread, but for what says otherwise.

#include "host/frontends/ambassador/check.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::ambassador {

struct LoadPlan {
    std::uint64_t count = 0;
    double rate = 0;                ///< bounties a second; 0: as fast as they are taken
    std::filesystem::path corpus;   ///< empty: EICAR and harmless texts, each with bytes of its own
    Phases phases = Phases::both;   ///< both: in turn
};

/// What became of one bounty.
struct LoadEntry {
    Evidence evidence;
    Clock::time_point posted;
    milliseconds accepted_after{0};
    std::string what;
};

struct LoadNumbers {
    std::uint64_t posted = 0, accepted = 0, answered = 0, correct = 0, in_time = 0;
    milliseconds accept_p50{0}, accept_p99{0};
    milliseconds reply_p50{0}, reply_p99{0}, reply_max{0};
    milliseconds took{0};              ///< from the first bounty to the last reply
    std::vector<std::string> faults;   ///< the first few

    [[nodiscard]] bool all_well() const;
    [[nodiscard]] double per_second() const;
};
/// Pure; any thread.
[[nodiscard]] LoadNumbers numbers_of(const std::vector<LoadEntry>& entries);
[[nodiscard]] std::string text_of(const LoadNumbers& numbers, std::uint64_t seed);
[[nodiscard]] std::string json_of(const LoadNumbers& numbers, std::uint64_t seed);

/// Posts, waits for all replies, judges. An error: the corpus cannot be read.
[[nodiscard]] util::Result<LoadNumbers> run_load(Desk& desk, const LoadPlan& plan,
                                                 const std::function<void(std::string_view)>& progress);

}   // namespace microengine::ambassador
