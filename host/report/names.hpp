// SPDX-License-Identifier: MIT
#pragma once
// Names and reasons that every client of ClamAV can digest: clamd's replies and clamscan's lines use the
// same. Such clients cut at blanks, colons and parentheses, search replies for FOUND and OK, and have short
// buffers.

#include "host/core/report.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace microengine::report {

inline constexpr std::size_t kMaxClamName = 62;   ///< with every prefix; c-icap's buffer has 64

/// Allowed are A-Z a-z 0-9 . _ / ! + - { }, all else becomes '_'; FOUND becomes Found; what is longer than
/// kMaxClamName becomes its first 53, a dot and 8 hexadecimal digits of the SHA-256 of the whole.
[[nodiscard]] std::string clam_name(std::string_view text);

/// One detection of one backend: ClamAV's name as it is, "YARA.rule.UNOFFICIAL", or "backend.name"; with
/// "Suspicious." in front if it is no more than that.
[[nodiscard]] std::string clam_name(const core::ScanResult& row, const core::Detection& found);

/// What a malicious or suspicious report found, "Suspicious." included. Never empty.
[[nodiscard]] std::string clam_name(const core::Report& report);

/// Why a report is unknown: one of a closed list, ASCII, at most 60, no colon, no "FOUND", no "OK".
[[nodiscard]] std::string_view clam_reason(const core::Report& report);

}   // namespace microengine::report
