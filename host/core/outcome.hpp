// SPDX-License-Identifier: MIT
#pragma once
// Did a backend do its job, and if not, why? Apart from what it thinks: a failure is never a verdict.

#include <cstdint>
#include <optional>
#include <string_view>

namespace microengine::core {

enum class Outcome : std::uint8_t { completed, unsupported, timed_out, crashed, failed, skipped };

/// A closed list, part of the report's format. Which outcome each belongs to is said by the groups.
enum class Reason : std::uint8_t {
    none,
    // unsupported
    type,
    url,
    other,
    // timed_out
    timeout,
    deadline,
    // crashed
    signal,
    exit,
    protocol,
    memory_limit,
    forbidden_call,
    poison,
    // failed
    plugin_error,
    bad_result,
    out_of_memory,
    signatures,
    io,
    // skipped
    decided,
    routed,
    deselected,
    too_big,
    no_artifact,
    no_time,
    overloaded,
    not_ready,
    breaker_open,
    cancelled,
};

/// Why a backend did not see everything; closed too.
enum class Partial : std::uint8_t {
    other,
    encrypted,
    corrupt,
    decompression_unsafe,
    too_large,
    too_deep,
    too_many,
    time_limit,
    truncated,
};

[[nodiscard]] std::string_view to_text(Outcome outcome);
[[nodiscard]] std::string_view to_text(Reason reason);
[[nodiscard]] std::string_view to_text(Partial partial);
[[nodiscard]] std::optional<Outcome> parse_outcome(std::string_view text);
[[nodiscard]] std::optional<Reason> parse_reason(std::string_view text);
[[nodiscard]] std::optional<Partial> parse_partial(std::string_view text);

}   // namespace microengine::core
