// SPDX-License-Identifier: MIT
#include "host/combine/words.hpp"

#include "host/util/text.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace microengine::combine {

namespace {

using core::Outcome;
using core::Reason;

/// In the C locale whatever the process has set.
std::string fixed(double value, int places) {
    std::array<char, 32> buffer{};
    const auto end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed, places);
    return {buffer.data(), end.ptr};
}

double rounded(double value, double unit, Round round) {
    constexpr double dust = 1e-9;   // 0.29 · 100 is 28.999999999999996
    switch (round) {
        case Round::down:
            return std::floor(value * unit + dust) / unit;
        case Round::up:
            return std::ceil(value * unit - dust) / unit;
        case Round::nearest:
            break;
    }
    return std::round(value * unit) / unit;
}

int side_of(double value, double bar) {
    constexpr double dust = 1e-9;
    if (std::abs(value - bar) < dust) return 0;
    return value < bar ? -1 : 1;
}

std::string_view why_skipped(Reason reason) {
    switch (reason) {
        case Reason::too_big:
            return "does not take artifacts this big";
        case Reason::no_artifact:
            return "got no bytes";
        case Reason::no_time:
            return "had no time left";
        case Reason::overloaded:
            return "was overloaded";
        case Reason::not_ready:
            return "was not ready";
        case Reason::breaker_open:
            return "was out of service";
        case Reason::cancelled:
            return "was cancelled";
        default:
            return "was not asked";
    }
}

std::string_view why_crashed(Reason reason) {
    if (reason == Reason::memory_limit) return "ran out of memory";
    if (reason == Reason::poison) return "was not asked again after a crash";
    return "crashed";
}

}   // namespace

std::string list(std::span<const std::string> names) { return util::join_names(names, 3); }

std::string backends(std::size_t count) {
    return std::to_string(count) + (count == 1 ? " backend" : " backends");
}

std::string_view why_open(const core::ScanResult& result) {
    switch (result.outcome) {
        case Outcome::timed_out:
            return "timed out";
        case Outcome::crashed:
            return why_crashed(result.reason);
        case Outcome::failed:
            return result.reason == Reason::out_of_memory ? "ran out of memory" : "failed";
        case Outcome::skipped:
            return why_skipped(result.reason);
        case Outcome::completed:
        case Outcome::unsupported:
            break;
    }
    return "saw only part of it";
}

std::string score_text(double value, Round round, double bar) {
    const double shown = rounded(value, 100, round);
    if (side_of(shown, bar) == side_of(value, bar)) return fixed(shown, 2);
    if (round == Round::nearest) round = value < bar ? Round::down : Round::up;
    return fixed(rounded(value, 10'000, round), 4);
}

std::string bar_text(double bar) {
    std::string text = fixed(bar, 5);   // half of an odd ten-thousandth needs five
    while (text.back() == '0' && text.size() > std::string_view("0.00").size()) text.pop_back();
    return text;
}

double malicious_bar(const core::CombinerSettings& settings) { return settings.threshold / 1e4; }
double suspicious_bar(const core::CombinerSettings& settings) {
    return settings.doubled_suspicious_threshold() / 2e4;
}

}   // namespace microengine::combine
