// SPDX-License-Identifier: GPL-2.0-only
#include "names.hpp"

#include <microengine/plugin.h>

#include <algorithm>
#include <array>

namespace microengine::clamav {
namespace {

struct Unfinished {
    std::string_view prefix;
    std::uint32_t reason;
};

/// Names that mean "I did not look at all of it". The first prefix that fits counts.
constexpr std::array kLimits{
    Unfinished{"MaxScanTime", ME_PARTIAL_TIME_LIMIT},
    Unfinished{"MaxScanSize", ME_PARTIAL_TOO_LARGE},
    Unfinished{"MaxFileSize", ME_PARTIAL_TOO_LARGE},
    Unfinished{"MaxRecursion", ME_PARTIAL_TOO_DEEP},
    Unfinished{"EmailHeaderBytes", ME_PARTIAL_TOO_LARGE},
    Unfinished{"MaxFiles", ME_PARTIAL_TOO_MANY},
    Unfinished{"Email", ME_PARTIAL_TOO_MANY},
    Unfinished{"", ME_PARTIAL_OTHER},   // a limit of a later release
};

/// Heuristics after which ClamAV leaves the rest of the container unread.
constexpr std::array kGivesUp{
    std::string_view("Heuristics.Zip.OverlappingFiles"),   // a zip bomb
    std::string_view("Heuristics.XZ.DicSizeLimit"),        // wants more memory than anyone should give it
};

constexpr std::string_view kLimitPrefix = "Heuristics.Limits.Exceeded";
constexpr std::string_view kUnofficial = ".UNOFFICIAL";

std::uint32_t limit_reason(std::string_view limit) {
    if (limit.starts_with('.')) limit.remove_prefix(1);
    return std::ranges::find_if(kLimits, [&](const auto& known) { return limit.starts_with(known.prefix); })
        ->reason;
}

bool is_digits(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// `Agent-1234-0` → `Agent`; empty without a signature number.
std::string_view without_number(std::string_view text) {
    std::string_view family;
    for (auto dash = text.rfind('-'); dash != std::string_view::npos; dash = text.rfind('-')) {
        if (!is_digits(text.substr(dash + 1))) break;
        text = family = text.substr(0, dash);
    }
    return family;
}

}   // namespace

Meaning meaning_of(std::string_view name, const Policy& policy) {
    if (name.starts_with(kLimitPrefix)) return {ME_UNKNOWN, limit_reason(name.substr(kLimitPrefix.size()))};
    if (name.starts_with("Heuristics.Encrypted."))
        return {policy.encrypted_is_a_detection ? policy.heuristics_as : ME_UNKNOWN, ME_PARTIAL_ENCRYPTED};
    if (std::ranges::any_of(kGivesUp, [&](std::string_view known) { return name.starts_with(known); }))
        return {policy.heuristics_as, ME_PARTIAL_DECOMPRESSION_UNSAFE};
    if (name.starts_with("Heuristics.") || name.starts_with("BC.Heuristics.")) return {policy.heuristics_as};
    if (name.starts_with("PUA.")) return {policy.pua_as};
    return {ME_MALICIOUS};
}

std::string_view family_of(std::string_view name) {
    if (name.ends_with(kUnofficial)) name.remove_suffix(kUnofficial.size());
    if (!name.contains('.')) return name;
    for (const std::string_view prefix : {"PUA.", "BC.", "Heuristics."})
        if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
    const auto category = name.find('.');
    if (category == std::string_view::npos) return {};
    const auto family = name.find('.', category + 1);
    return family == std::string_view::npos ? std::string_view{} : without_number(name.substr(family + 1));
}

}   // namespace microengine::clamav
