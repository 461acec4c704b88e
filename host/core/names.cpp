// SPDX-License-Identifier: MIT
// The one table per enumeration that turns it into text and back.

#include "host/core/combiner_settings.hpp"
#include "host/core/outcome.hpp"
#include "host/core/verdict.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace microengine::core {

namespace {

constexpr std::array<std::string_view, 4> kVerdicts{"unknown", "benign", "suspicious", "malicious"};
constexpr std::array<std::string_view, 6> kOutcomes{"completed", "unsupported", "timed_out",
                                                    "crashed",   "failed",      "skipped"};
constexpr std::array<std::string_view, 27> kReasons{"",
                                                    "type",
                                                    "url",
                                                    "other",
                                                    "timeout",
                                                    "deadline",
                                                    "signal",
                                                    "exit",
                                                    "protocol",
                                                    "memory_limit",
                                                    "forbidden_call",
                                                    "poison",
                                                    "plugin_error",
                                                    "bad_result",
                                                    "out_of_memory",
                                                    "signatures",
                                                    "io",
                                                    "decided",
                                                    "routed",
                                                    "deselected",
                                                    "too_big",
                                                    "no_artifact",
                                                    "no_time",
                                                    "overloaded",
                                                    "not_ready",
                                                    "breaker_open",
                                                    "cancelled"};
constexpr std::array<std::string_view, 9> kPartials{
    "other",    "encrypted",  "corrupt",  "decompression_unsafe", "too_large", "too_deep",
    "too_many", "time_limit", "truncated"};
constexpr std::array<std::string_view, 3> kStrategies{"any", "majority", "weighted"};
constexpr std::array<std::string_view, 6> kUnknowns{"none",     "all_abstained", "no_votes",
                                                    "required", "missing_votes", "quorum"};

static_assert(kReasons[std::to_underlying(Reason::cancelled)] == "cancelled");
static_assert(kReasons[std::to_underlying(Reason::decided)] == "decided");
static_assert(kPartials[std::to_underlying(Partial::truncated)] == "truncated");

template <class Enum, std::size_t N>
std::string_view text_of(const std::array<std::string_view, N>& names, Enum value) {
    return names.at(std::to_underlying(value));
}

template <class Enum, std::size_t N>
std::optional<Enum> value_of(const std::array<std::string_view, N>& names, std::string_view text) {
    const auto found = std::ranges::find(names, text);
    if (found == names.end()) return std::nullopt;
    return static_cast<Enum>(found - names.begin());
}

}   // namespace

std::string_view to_text(Verdict verdict) { return text_of(kVerdicts, verdict); }
std::string_view to_text(Outcome outcome) { return text_of(kOutcomes, outcome); }
std::string_view to_text(Reason reason) { return text_of(kReasons, reason); }
std::string_view to_text(Partial partial) { return text_of(kPartials, partial); }
std::string_view to_text(Strategy strategy) { return text_of(kStrategies, strategy); }
std::string_view to_text(UnknownBecause because) { return text_of(kUnknowns, because); }

std::optional<Verdict> parse_verdict(std::string_view text) { return value_of<Verdict>(kVerdicts, text); }
std::optional<Outcome> parse_outcome(std::string_view text) { return value_of<Outcome>(kOutcomes, text); }
std::optional<Reason> parse_reason(std::string_view text) { return value_of<Reason>(kReasons, text); }
std::optional<Partial> parse_partial(std::string_view text) { return value_of<Partial>(kPartials, text); }
std::optional<Strategy> parse_strategy(std::string_view text) {
    return value_of<Strategy>(kStrategies, text);
}

}   // namespace microengine::core
