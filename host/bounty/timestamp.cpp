// SPDX-License-Identifier: MIT
// By hand: std::chrono::parse is not in libstdc++ 12, and it would not take all of these. Nothing here asks
// for the time zone of the machine.
#include "host/bounty/timestamp.hpp"

#include <algorithm>
#include <chrono>

namespace microengine::bounty {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// What is left of the text; once something was not as expected, nothing more is taken.
class Cursor {
public:
    explicit Cursor(std::string_view text) : rest_(text) {}

    [[nodiscard]] bool at_end() const { return rest_.empty(); }
    [[nodiscard]] bool at_digit() const { return !rest_.empty() && is_digit(rest_.front()); }
    [[nodiscard]] bool holds() const { return holds_; }

    /// One of these, or 0 and nothing is taken.
    char take_any(std::string_view of) {
        if (rest_.empty() || !of.contains(rest_.front())) return '\0';
        const char c = rest_.front();
        rest_.remove_prefix(1);
        return c;
    }
    void expect_any(std::string_view of) { holds_ = take_any(of) != '\0' && holds_; }
    /// Exactly so many digits of a number within the bounds.
    int number(std::size_t digits, int least, int most) {
        if (rest_.size() < digits || !std::ranges::all_of(rest_.substr(0, digits), is_digit)) {
            holds_ = false;
            return least;
        }
        int value = 0;
        for (const char c : rest_.substr(0, digits)) value = value * 10 + (c - '0');
        rest_.remove_prefix(digits);
        holds_ = holds_ && value >= least && value <= most;
        return value;
    }
    /// At least one digit behind a point: the first three count.
    int milliseconds() {
        holds_ = holds_ && at_digit();
        int value = 0;
        int weight = 100;
        for (; at_digit(); rest_.remove_prefix(1), weight /= 10) value += (rest_.front() - '0') * weight;
        return value;
    }

private:
    std::string_view rest_;
    bool holds_ = true;
};

std::chrono::milliseconds time_of_day(Cursor& cursor) {
    using std::chrono::hours, std::chrono::minutes, std::chrono::seconds, std::chrono::milliseconds;
    milliseconds time = hours(cursor.number(2, 0, 23));
    cursor.expect_any(":");
    time += minutes(cursor.number(2, 0, 59));
    if (cursor.take_any(":") == '\0') return time;
    time += seconds(cursor.number(2, 0, 60));   // 60: a leap second
    if (cursor.take_any(".,") != '\0') time += milliseconds(cursor.milliseconds());
    return time;
}

std::chrono::minutes offset(Cursor& cursor) {
    using std::chrono::hours, std::chrono::minutes;
    if (cursor.take_any("Zz") != '\0') return {};
    const char sign = cursor.take_any("+-");
    if (sign == '\0') return {};
    minutes size = hours(cursor.number(2, 0, 23));
    if (cursor.take_any(":") != '\0' || cursor.at_digit()) size += minutes(cursor.number(2, 0, 59));
    return sign == '-' ? -size : size;
}

}   // namespace

std::optional<std::int64_t> parse_timestamp(std::string_view text) {
    namespace chrono = std::chrono;
    Cursor cursor(text);
    const chrono::year year(cursor.number(4, 0, 9999));
    cursor.expect_any("-");
    const chrono::month month(static_cast<unsigned>(cursor.number(2, 1, 12)));
    cursor.expect_any("-");
    const chrono::day day(static_cast<unsigned>(cursor.number(2, 1, 31)));
    cursor.expect_any("Tt ");
    const chrono::milliseconds time = time_of_day(cursor);
    const chrono::minutes ahead = offset(cursor);
    const chrono::year_month_day date(year, month, day);
    if (!cursor.holds() || !cursor.at_end() || !date.ok()) return std::nullopt;
    return (chrono::sys_days(date).time_since_epoch() + time - ahead) / chrono::milliseconds(1);
}

}   // namespace microengine::bounty
