// SPDX-License-Identifier: MIT
#pragma once
// What clamd says, understood or not. Pure functions over bytes from another process, perhaps on another
// machine.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace microengine::clamd {

struct Reply {
    enum class Kind : std::uint8_t {
        clean,       ///< it looked, and found nothing
        found,       ///< `text` is the signature's name
        too_large,   ///< over its StreamMaxLength: not looked at
        error,       ///< `text` is its reason
        garbled      ///< none of these
    };
    Kind kind = Kind::garbled;
    std::string_view text;   ///< part of the reply
};
/// To INSTREAM, without the zero byte at its end.
[[nodiscard]] Reply parse_reply(std::string_view reply);

struct Meaning {
    std::int32_t verdict;                        ///< ME_UNKNOWN: no sign of malice
    std::optional<std::uint32_t> partial = {};   ///< ME_PARTIAL_*: it did not look at all of it, and why
};
/// Of a name that it found. Heuristics and unwanted programs are suspicious; a limit is no detection.
[[nodiscard]] Meaning meaning_of(std::string_view name);
/// `Win.Trojan.Agent-1234-0` is of the family `Agent`; empty, if the name is of another form.
[[nodiscard]] std::string_view family_of(std::string_view name);

struct Version {
    std::string text;             ///< "1.4.6/27500", at most 63 bytes
    std::int64_t date_unix = 0;   ///< of its database; 0: not said
};
/// "ClamAV 1.4.6/27500/Mon Jan  6 09:40:55 2025", or less. The time is taken for UTC, as it says no zone.
/// Nothing: it is no version.
[[nodiscard]] std::optional<Version> parse_version(std::string_view reply);

/// For messages: at most 80 bytes, and none that a terminal would act upon.
[[nodiscard]] std::string shown(std::string_view text);

}   // namespace microengine::clamd
