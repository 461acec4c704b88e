// SPDX-License-Identifier: GPL-2.0-only
#include "messages.hpp"

#include <algorithm>
#include <array>

namespace microengine::clamav {
namespace {

struct Sign {
    std::string_view words;   // in lower case
    Complaint complaint;
};

/// Wording of libclamav 1.x. The first that occurs in the message counts.
constexpr std::array kSigns{
    Sign{"too large to scan", Complaint::too_large},
    Sign{"exceeds limits", Complaint::too_large},
    Sign{"run timed out", Complaint::too_long},
    Sign{"allocat", Complaint::no_memory},
    Sign{"malloc failed", Complaint::no_memory},
    Sign{"calloc failed", Complaint::no_memory},
    Sign{"of memory", Complaint::no_memory},
    Sign{"no memory", Complaint::no_memory},
    Sign{"nomemory", Complaint::no_memory},
    Sign{"bitset failed", Complaint::no_memory},
    Sign{"block read error", Complaint::corrupt},
    Sign{"premature end", Complaint::corrupt},
    Sign{"decompress", Complaint::corrupt},
    Sign{"temporary", Complaint::input_output},
    Sign{"tempfile", Complaint::input_output},
    Sign{"temp file", Complaint::input_output},
    Sign{"can't create", Complaint::input_output},
    Sign{"cannot create", Complaint::input_output},
    Sign{"failed to create", Complaint::input_output},
    Sign{"unable to create", Complaint::input_output},
    Sign{"can't write", Complaint::input_output},
    Sign{"failed to write", Complaint::input_output},
    Sign{"failed write", Complaint::input_output},
    Sign{"write error", Complaint::input_output},
    Sign{"write failed", Complaint::input_output},
    Sign{"error writing", Complaint::input_output},
    Sign{"bytes written", Complaint::input_output},
    Sign{"only wrote", Complaint::input_output},
    Sign{"for writing", Complaint::input_output},
    Sign{"dumped to file", Complaint::input_output},
    Sign{"fdopen failed", Complaint::input_output},
    Sign{"map() failed", Complaint::input_output},
    Sign{"could not map", Complaint::input_output},
    Sign{"fstat", Complaint::input_output},
    Sign{"pread", Complaint::input_output},
    Sign{"read error", Complaint::input_output},
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Clearing away comes after the scan. At the beginning only: a message may quote a member's name.
constexpr std::string_view kClearingAway = "cli_rmdirs";

bool says(std::string_view message, std::string_view words) {
    return !std::ranges::search(message, words, {}, lower).empty();
}

}   // namespace

Complaint complaint_of(std::string_view message) {
    if (message.starts_with(kClearingAway)) return Complaint::none;
    const auto* sign = std::ranges::find_if(kSigns, [&](const Sign& s) { return says(message, s.words); });
    return sign == kSigns.end() ? Complaint::none : sign->complaint;
}

bool lost_signatures(std::string_view message) {
    constexpr std::array<std::string_view, 3> hints{"failed to parse", "malformed", "yyerror"};
    return std::ranges::any_of(hints, [&](std::string_view words) { return says(message, words); });
}

}   // namespace microengine::clamav
