// SPDX-License-Identifier: MIT
#pragma once
// Messages as bytes and back. Pure functions; decode() believes nothing: every size is checked against what
// is there and against its bound, every enumerator against its list, every text is UTF-8.

#include "host/wire/messages.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace microengine::wire {

/// The longest message. One message is one datagram.
inline constexpr std::size_t kMaxMessage = std::size_t{192} << 10;

/// The longest text of a Refused, and the longest name or place of an artifact or setting.
inline constexpr std::size_t kMaxRefusal = std::size_t{8} << 10;
inline constexpr std::size_t kMaxLabel = std::size_t{16} << 10;

/// The first byte of a message.
enum class Kind : std::uint8_t {
    open_backend = 1,
    start_worker,
    opened,
    refused,
    forked,
    died,
    scan_artifact,
    ready,
    found,
    said,
    done,
};
/// Nothing for an empty message; the value need not be a known kind.
[[nodiscard]] std::optional<Kind> kind_of(std::string_view bytes);

/// Replaces what is in `out`. The result may exceed kMaxMessage: then it cannot be sent.
template <class Message>
void encode(const Message& message, std::string& out);
/// Nothing: it is no such message, or breaks a bound. Everything must have been used up.
template <class Message>
[[nodiscard]] std::optional<Message> decode(std::string_view bytes);

/// Could a worker have reached this result honestly? Only a completed, whole look may be benign, a reason
/// goes with its outcome, and what a worker cannot know of itself (that it crashed) it does not say.
[[nodiscard]] bool is_believable(const core::ScanResult& result);

}   // namespace microengine::wire
