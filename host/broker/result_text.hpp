// SPDX-License-Identifier: MIT
#pragma once
// The answer to a job, microengine.result/1: a report, or why there is none. Pure; any thread.

#include "host/core/report.hpp"
#include "host/util/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace microengine::broker {

inline constexpr std::string_view kResultSchema = "microengine.result/1";

/// Why a job has no report. Part of the format.
enum class Undone : std::uint8_t {
    none,
    expired,      ///< its deadline passed while it waited
    poison,       ///< workers were lost with it, again and again
    refused,      ///< the job itself is wrong
    generation,   ///< it wanted other signatures than this worker has
    lost,         ///< dead-lettered for another reason
};
[[nodiscard]] std::string_view to_text(Undone undone);

struct ResultText {
    std::string id;                 ///< of the job
    std::string worker;             ///< "host-pid": who answers
    std::string generation;         ///< the fingerprint of what it scanned with
    std::uint64_t deliveries = 1;   ///< how often the job was delivered
    Undone undone = Undone::none;
    std::string message;                  ///< a sentence, with undone
    std::optional<core::Report> report;   ///< without undone
};

[[nodiscard]] std::string to_json(const ResultText& result);
/// From anybody who may publish. An error is a sentence; its place is the key.
[[nodiscard]] util::Result<ResultText> result_from_json(std::string_view text);

}   // namespace microengine::broker
