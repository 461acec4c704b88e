// SPDX-License-Identifier: MIT
#pragma once
// What we answer: an assertion with a bid, or a vote without. Written by the engine and judged by the
// ambassador with the same code. Pure; any thread.

#include "host/bounty/bounty.hpp"
#include "host/core/verdict.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::bounty {

struct BackendEntry {
    std::string name;
    std::string verdict;
    std::string outcome;
    std::string vendor_version;
    std::string signatures_version;
};

/// PolySwarm's standard comments.
inline constexpr std::string_view kTypeUnsupported = "SKIPPED:TYPE-UNSUPPORTED";
inline constexpr std::string_view kEncrypted = "SKIPPED:ENCRYPTED";
inline constexpr std::string_view kDecompressionUnsafe = "SKIPPED:DECOMPRESSION-UNSAFE";
inline constexpr std::string_view kCannotFetch = "SKIPPED:CANNOT-FETCH";
inline constexpr std::string_view kSkipped = "SKIPPED";

struct Reply {
    Phase phase = Phase::assertion;
    core::Verdict verdict = core::Verdict::unknown;
    Wei bid;   ///< of an assertion; 0 for unknown and suspicious
    std::string malware_family;
    std::optional<Confidence> confidence;
    std::vector<std::string> comments;   ///< the standard one first
    bool heuristic = false;
    std::string version;   ///< ours; cut at the first character that is neither digit nor dot
    std::string vendor_version;
    std::string signatures_version;
    std::string operating_system;   ///< lower case, as architecture
    std::string architecture;
    std::vector<BackendEntry> backends;   ///< none: not reported
};

inline constexpr std::size_t kMostMetadataBytes = std::size_t{16} << 10;

/// The JSON body, always one that find_fault() has nothing against if the bid is within the rules. Texts are
/// cut at their limits (family 256 bytes, comments 16 of 256, versions 512), what is not UTF-8 or a control
/// character is replaced. Over 16 KiB of metadata the backends go; what is left is smaller by its limits. An
/// assertion of benign or malicious with a bid of 0 would be void: it is written as unknown.
[[nodiscard]] std::string write_reply(const Reply& reply);

/// What PolySwarm would not take of it, in a few words ("bid must be written as an integer"); nothing: valid.
[[nodiscard]] std::optional<std::string> find_fault(std::string_view json, Phase phase, const Rules& rules);

/// What a reply says, for who judges it. Nothing: no JSON object with these.
struct ReplyFacts {
    core::Verdict verdict = core::Verdict::unknown;
    std::optional<Wei> bid;
    std::string malware_family;
    std::vector<std::string> comments;
    std::optional<double> confidence;
    std::string scanner_version;
    std::string architecture;
};
[[nodiscard]] std::optional<ReplyFacts> read_reply(std::string_view json);

}   // namespace microengine::bounty
