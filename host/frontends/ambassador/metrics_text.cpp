// SPDX-License-Identifier: MIT
#include "host/frontends/ambassador/metrics_text.hpp"

#include <charconv>
#include <cstdint>
#include <ranges>

namespace microengine::ambassador {

Sums sums_of(std::string_view text) {
    Sums sums;
    for (const auto part : std::views::split(text, '\n')) {
        const std::string_view line(part.begin(), part.end());
        if (line.empty() || line.front() == '#') continue;
        const std::string_view name = line.substr(0, line.find_first_of("{ "));
        // A label's value may hold anything, blanks and braces too; the number is behind the last blank, for
        // nobody here writes times.
        const std::size_t blank = line.rfind(' ');
        double value = 0;
        if (blank == std::string_view::npos) continue;
        const auto [end, error] = std::from_chars(line.data() + blank + 1, line.data() + line.size(), value);
        if (error == std::errc{}) sums[std::string(name)] += value;
    }
    return sums;
}

std::string text_of(double count) { return std::to_string(static_cast<std::int64_t>(count)); }

}   // namespace microengine::ambassador
