// SPDX-License-Identifier: MIT
#include "host/frontends/ambassador/bounty_writer.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <chrono>
#include <cstdio>

namespace microengine::ambassador {

namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;

/// "2121-06-24T10:03:28", with another letter between date and time.
std::string to_second(std::int64_t unix_ms, char between = 'T') {
    const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(unix_ms)};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
    std::array<char, 40> text{};
    const int size =
        std::snprintf(text.data(), text.size(), "%04d-%02u-%02u%c%02d:%02d:%02d",
                      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                      static_cast<unsigned>(date.day()), between, static_cast<int>(clock.hours().count()),
                      static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
    return {text.data(), static_cast<std::size_t>(size)};
}

std::string with_digits(std::int64_t unix_ms, char point, std::string_view more) {
    std::array<char, 8> digits{};
    (void)std::snprintf(digits.data(), digits.size(), "%c%03d", point, static_cast<int>(unix_ms % 1000));
    return to_second(unix_ms) + digits.data() + std::string(more);
}

std::string full_minute(std::int64_t unix_ms) {
    return to_second((unix_ms / kMinuteMs + 1) * kMinuteMs).substr(0, 16);
}

constexpr std::array kTimes{
    TimeSpelling{"micros+00:00", [](std::int64_t ms) { return with_digits(ms, '.', "071+00:00"); }},
    TimeSpelling{"micros", [](std::int64_t ms) { return with_digits(ms, '.', "071"); }},
    TimeSpelling{"Z", [](std::int64_t ms) { return with_digits(ms, '.', "Z"); }},
    TimeSpelling{"z", [](std::int64_t ms) { return with_digits(ms, '.', "z"); }},
    TimeSpelling{"blank", [](std::int64_t ms) { return to_second(ms + 1000, ' '); }},
    TimeSpelling{"small t", [](std::int64_t ms) { return to_second(ms + 1000, 't') + "Z"; }},
    TimeSpelling{"+0000", [](std::int64_t ms) { return with_digits(ms, '.', "+0000"); }},
    TimeSpelling{"+02:00", [](std::int64_t ms) { return with_digits(ms + 2 * kHourMs, '.', "+02:00"); }},
    TimeSpelling{"-0530", [](std::int64_t ms) { return with_digits(ms - 11 * kHourMs / 2, '.', "-0530"); }},
    TimeSpelling{"comma, +00", [](std::int64_t ms) { return with_digits(ms, ',', "+00"); }},
    TimeSpelling{"nanos", [](std::int64_t ms) { return with_digits(ms, '.', "456789Z"); }},
    TimeSpelling{"no seconds", [](std::int64_t ms) { return full_minute(ms); }},
};

}   // namespace

std::span<const TimeSpelling> time_spellings() { return kTimes; }

std::string timestamp(std::int64_t unix_ms) { return kTimes.front().write(unix_ms); }

std::string json_string(std::string_view text) { return nlohmann::json(text).dump(); }

std::string to_json(const BountyFields& fields, Layout layout) {
    std::vector<std::pair<std::string, std::string>> all{{"id", fields.id},
                                                         {"artifact_type", fields.artifact_type},
                                                         {"artifact_uri", fields.artifact_uri},
                                                         {"sha256", fields.sha256},
                                                         {"mimetype", fields.mimetype},
                                                         {"expiration", fields.expiration},
                                                         {"phase", fields.phase},
                                                         {"response_url", fields.response_url},
                                                         {"rules", fields.rules},
                                                         {"duration", fields.duration},
                                                         {"tasked_at", fields.tasked_at},
                                                         {"metadata", fields.metadata}};
    all.insert(all.end(), fields.others.begin(), fields.others.end());
    const std::string_view colon = layout == Layout::compact ? ":" : ": ";
    const std::string_view comma =
        layout == Layout::compact ? "," : (layout == Layout::spaced ? ", " : ",\r\n  ");
    std::string out = layout == Layout::lines ? "{\r\n  " : "{";
    bool first = true;
    for (const auto& [name, token] : all) {
        if (token.empty()) continue;
        if (!std::exchange(first, false)) out += comma;
        out.append(json_string(name)).append(colon).append(token);
    }
    return out + (layout == Layout::lines ? "\r\n}\r\n" : "}");
}

}   // namespace microengine::ambassador
