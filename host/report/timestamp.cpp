// SPDX-License-Identifier: MIT
#include "host/report/timestamp.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace microengine::report {

namespace {
constexpr std::int64_t kFirst = -62'167'219'200;   // 0000-01-01T00:00:00Z
constexpr std::int64_t kLast = 253'402'300'799;    // 9999-12-31T23:59:59Z
constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:ddZ";

int number(std::string_view text, std::size_t at, std::size_t digits) {
    int value = 0;
    std::from_chars(text.data() + at, text.data() + at + digits, value);
    return value;
}
}   // namespace

std::optional<std::string> to_timestamp(std::int64_t unix_seconds) {
    if (unix_seconds < kFirst || unix_seconds > kLast) return std::nullopt;
    const std::chrono::sys_seconds time{std::chrono::seconds(unix_seconds)};
    const auto midnight = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(midnight);
    const std::chrono::hh_mm_ss clock(time - midnight);
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()));
    return text.data();
}

std::optional<std::int64_t> parse_timestamp(std::string_view text) {
    if (text.size() != kForm.size()) return std::nullopt;
    for (std::size_t i = 0; i < kForm.size(); ++i)
        if (kForm[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != kForm[i]) return std::nullopt;
    const std::chrono::year_month_day date(std::chrono::year(number(text, 0, 4)),
                                           std::chrono::month(static_cast<unsigned>(number(text, 5, 2))),
                                           std::chrono::day(static_cast<unsigned>(number(text, 8, 2))));
    const int hour = number(text, 11, 2);
    const int minute = number(text, 14, 2);
    const int second = number(text, 17, 2);
    if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
    const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
    return ((days * 24 + hour) * 60 + minute) * 60 + second;
}

}   // namespace microengine::report
