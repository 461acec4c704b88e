// SPDX-License-Identifier: MIT
#include "host/fetch/retry_after.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>

namespace microengine::fetch {

namespace {

constexpr std::chrono::seconds kMost = std::chrono::hours(24);
constexpr std::size_t kLongestDate = 64;

std::chrono::milliseconds bounded(std::int64_t seconds) {
    return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, kMost.count()));
}

}   // namespace

std::chrono::milliseconds parse_retry_after(std::string_view text,
                                            std::chrono::system_clock::time_point now) {
    const bool digits =
        !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    if (digits) {
        std::int64_t seconds = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
        return error == std::errc{} ? bounded(seconds) : kMost;
    }
    if (text.size() > kLongestDate) return {};
    const std::time_t date = ::curl_getdate(std::string(text).c_str(), nullptr);
    if (date < 0) return {};
    return bounded(std::int64_t{date} - std::chrono::system_clock::to_time_t(now));
}

}   // namespace microengine::fetch
