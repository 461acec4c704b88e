// SPDX-License-Identifier: MIT
#pragma once
// How the marketplace is served, as plain values: the configuration fills them, the frontend takes them. The
// defaults are those of the table of keys.

#include "host/bounty/bounty.hpp"
#include "host/bounty/filter.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace microengine::bounty {

using std::chrono::milliseconds;

/// One engine as PolySwarm knows it: an address, a secret and a purse.
struct EngineSettings {
    std::string name;
    std::string path = "/polyswarm";
    std::filesystem::path secret_file;   ///< empty: MICROENGINE_POLYSWARM_SECRET
    std::filesystem::path previous_secret_file;
    std::vector<std::string> backends;   ///< those it asks; none: all
    BidStrategy bid;
    std::optional<Wei> max_bid;
    std::optional<Wei> budget_per_hour;
    std::optional<Wei> budget_per_day;
    bool votes = true;
    [[nodiscard]] bool operator==(const EngineSettings&) const = default;
};

enum class OnStop : std::uint8_t { answer, keep };

/// The most bounties that are taken on in a window of time; 0: any number.
struct RateLimits {
    std::uint32_t per_second = 0;
    std::uint32_t per_minute = 0;
    std::uint32_t per_hour = 0;
    std::uint32_t per_day = 0;
    [[nodiscard]] bool operator==(const RateLimits&) const = default;
};

struct FetchSettings {
    std::uint64_t max_artifact_bytes = std::uint64_t{100} << 20;
    milliseconds timeout{20'000};
    milliseconds connect_timeout{3'000};
    milliseconds stall_timeout{5'000};
    std::uint32_t attempts = 3;
    std::uint32_t max_redirects = 3;
    std::uint32_t max_fetches = 16;
    std::vector<std::string> allow_hosts;
    std::string proxy;
    [[nodiscard]] bool operator==(const FetchSettings&) const = default;
};

struct MarketSettings {
    std::vector<EngineSettings> engines;   ///< none: off
    std::vector<FilterRule> filters;
    std::filesystem::path journal;
    std::uint32_t journal_keep_hours = 48;
    std::uint32_t max_pending = 1000;
    std::uint32_t max_body_bytes = std::uint32_t{1} << 20;
    milliseconds request_timeout{10'000};   ///< for a whole request
    milliseconds post_reserve{3'000};
    milliseconds post_timeout{5'000};
    RateLimits rates;
    UrlConvention url_artifacts = UrlConvention::automatic;
    bool report_backends = true;
    OnStop on_stop = OnStop::answer;
    FetchSettings fetch;
    [[nodiscard]] bool operator==(const MarketSettings&) const = default;
};

}   // namespace microengine::bounty
