// SPDX-License-Identifier: MIT
#pragma once
// The artifacts that are handed out, and what an engine should say of them. Pure; any thread.

#include "host/core/verdict.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::ambassador {

/// The 68 bytes of the test file, put together here: no file and no binary holds them in one piece.
[[nodiscard]] std::string eicar();
/// The same with blanks and tabs behind it, others for each number, 128 bytes in all: it still counts.
[[nodiscard]] std::string eicar(std::uint64_t number);
/// A few words that accuse nobody, others for each number.
[[nodiscard]] std::string benign_text(std::uint64_t number);

/// What may be answered.
struct Truth {
    std::vector<core::Verdict> verdicts;   ///< one of these; none: whatever is valid
    std::string comment;                   ///< among the comments; empty: none is asked for
    bool family = false;                   ///< the malware must have a name
    [[nodiscard]] bool operator==(const Truth&) const = default;
};

/// Of the very bytes that are handed out. EICAR is malicious where it begins an artifact and nothing but
/// blanks, tabs, line ends or 0x1A follows, 128 bytes in all; in other places it is not judged. Nothing at
/// all is benign or unknown.
[[nodiscard]] Truth truth_of(std::string_view bytes);
[[nodiscard]] Truth malicious();
[[nodiscard]] Truth benign();
[[nodiscard]] Truth unknown(std::string_view comment);

/// "malicious", "benign or unknown".
[[nodiscard]] std::string to_text(const Truth& truth);

/// A valid gzip stream of these bytes, not smaller than they are.
[[nodiscard]] std::string gzipped(std::string_view bytes);

}   // namespace microengine::ambassador
