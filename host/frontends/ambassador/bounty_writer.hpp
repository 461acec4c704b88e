// SPDX-License-Identifier: MIT
#pragma once
// Bounties as PolySwarm might write them. Pure; any thread.

#include "host/bounty/bid.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace microengine::ambassador {

/// Raw JSON tokens; an empty one is left out.
struct BountyFields {
    std::string id;
    std::string artifact_type = R"("file")";
    std::string artifact_uri;
    std::string sha256;
    std::string mimetype = R"("text/plain")";
    std::string expiration;
    std::string phase = R"("assertion")";
    std::string response_url;
    std::string rules = R"({"min_allowed_bid":62500000000000000,"max_allowed_bid":1000000000000000000})";
    std::string duration;
    std::string tasked_at;
    std::string metadata;
    std::vector<std::pair<std::string, std::string>> others;   ///< last; may repeat a name
};

enum class Layout : std::uint8_t {
    compact,
    spaced,   ///< a blank behind colons and commas
    lines,    ///< a field a line, CR LF, a line end at the end
};
[[nodiscard]] std::string to_json(const BountyFields& fields, Layout layout);

/// A JSON string.
[[nodiscard]] std::string json_string(std::string_view text);

/// One way to write a point in time. Those without seconds say the next full minute.
struct TimeSpelling {
    std::string_view name;
    std::string (*write)(std::int64_t unix_ms);
};
/// All that engines must read; the first is PolySwarm's.
[[nodiscard]] std::span<const TimeSpelling> time_spellings();
/// "2121-06-24T10:03:28.006071+00:00"
[[nodiscard]] std::string timestamp(std::int64_t unix_ms);

/// One way to write a bounty that engines must take.
struct Spelling {
    struct Moment {
        std::int64_t now_ms = 0;     ///< Unix time
        std::int64_t until_ms = 0;   ///< when it is to expire
    };
    std::string_view name;
    void (*apply)(BountyFields& fields, const Moment& moment);
    Layout layout = Layout::compact;
    bounty::Rules rules{};   ///< that hold for it
};
[[nodiscard]] std::span<const Spelling> spellings();

}   // namespace microengine::ambassador
