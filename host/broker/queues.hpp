// SPDX-License-Identifier: MIT
#pragma once
// Which queues there are, and how they are. Every process that uses them declares them, so that the first one
// makes them; a broker where one is otherwise refuses us, and nothing is lost.

#include "host/broker/link.hpp"
#include "host/core/queue_settings.hpp"
#include "host/util/result.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace microengine::broker {

/// What waits for it: somebody, a service with a deadline, a batch. A queue each, because quorum queues know
/// no priorities.
enum class Class : std::uint8_t { interactive, normal, bulk };
inline constexpr std::array kClasses{Class::interactive, Class::normal, Class::bulk};
[[nodiscard]] std::string_view to_text(Class one);

/// "PREFIX.jobs.interactive".
[[nodiscard]] std::string job_queue(const core::QueueSettings& settings, Class one);
/// "PREFIX.dead": jobs that could not be done.
[[nodiscard]] std::string dead_queue(const core::QueueSettings& settings);
/// "PREFIX.results.ID": the answers for one process that publishes jobs.
[[nodiscard]] std::string result_queue(const core::QueueSettings& settings, std::string_view id);

/// All of them but those for results.
[[nodiscard]] util::Result<void> declare_queues(Link& link, const core::QueueSettings& settings);
/// Goes away by itself when nobody has used it for a while.
[[nodiscard]] util::Result<void> declare_result_queue(Link& link, const std::string& name);

/// How many messages wait where, and how many take them out, into the metrics. How many workers take
/// interactive jobs.
[[nodiscard]] util::Result<std::uint64_t> measure_queues(Link& link, const core::QueueSettings& settings);

}   // namespace microengine::broker
