// SPDX-License-Identifier: MIT
#pragma once
// What PolySwarm asks, read tolerantly: the marketplace may add fields and change spellings, and an engine
// that then falls silent counts as failed. Pure; any thread.

#include "host/bounty/bid.hpp"
#include "host/util/digest.hpp"
#include "host/util/result.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::bounty {

enum class ArtifactKind : std::uint8_t { file, url, other };
/// Which reply is wanted: one with a bid, or an arbiter's without.
enum class Phase : std::uint8_t { assertion, vote };
[[nodiscard]] std::string_view to_text(Phase phase);

struct Bounty {
    std::string id;             ///< the raw JSON token, with its quotes if it has any; opaque
    std::string response_url;   ///< http or https; opaque, and a secret: its query authorises the reply
    std::string artifact_uri;   ///< not empty, of any scheme; may hold a secret too
    ArtifactKind kind = ArtifactKind::file;
    std::string artifact_type = "file";   ///< as given
    std::optional<util::Sha256> sha256;
    std::string mimetype;
    Phase phase = Phase::assertion;
    Rules rules;
    std::int64_t expiration_ms = 0;   ///< Unix time
    std::optional<std::int64_t> tasked_ms;
    std::map<std::string, std::string> metadata;   ///< its scalars as text, for filters
    std::vector<std::string> warnings;             ///< what was not understood: sentences without values
};

/// `now_ms` (Unix time) is for bounties that do not say when they expire. The error's place is "byte 212",
/// counted from 1, or empty, its message says which field; neither holds the value of a URL.
[[nodiscard]] util::Result<Bounty> parse_bounty(std::string_view body, std::int64_t now_ms);

/// Deliveries of one bounty have the same: SHA-256 of id, 0x00, response_url.
[[nodiscard]] util::Sha256 key_of(const Bounty& bounty);

enum class UrlConvention : std::uint8_t { automatic, inline_text, fetch };
/// Of an artifact of kind url: is `artifact_uri` the URL to judge (inline_text), or is that what is found
/// there (fetch)? Never answers automatic.
[[nodiscard]] UrlConvention url_convention(const Bounty& bounty, UrlConvention configured);
/// The URL in what was fetched: its first line that is no comment, trimmed. Nothing: there is none of 1 to
/// 8192 bytes of UTF-8 without control characters.
[[nodiscard]] std::optional<std::string> url_in(std::string_view fetched);

/// Scheme, host and path; user info is gone, a query is "?redacted", a data: URL is "data:". Printable, at
/// most 512 bytes. For logs and listings.
[[nodiscard]] std::string redacted(std::string_view url);

}   // namespace microengine::bounty
