// SPDX-License-Identifier: MIT
#pragma once
// From the engine's job to one that can cross machines. Pure, but for clocks.

#include "host/broker/job_text.hpp"
#include "host/core/queue_settings.hpp"
#include "host/engine/job.hpp"
#include "host/util/result.hpp"

#include <cstdint>
#include <string>

namespace microengine::dispatch {

/// Bounties have time, but not for ever: between who waits and what does not.
[[nodiscard]] broker::Class class_of(const engine::Job& job);
/// When it is answered at the latest, of the monotonic clock: at its deadline, or at the one of all jobs.
[[nodiscard]] std::uint64_t give_up_ns(const engine::Job& job, const core::QueueSettings& settings);
/// Where a shared file is to be, its name is empty still. Errc::limit: too large to be sent.
[[nodiscard]] util::Result<broker::JobText> job_text(const engine::Job& job, const core::Artifact& artifact,
                                                     const std::string& id,
                                                     const core::QueueSettings& settings);

}   // namespace microengine::dispatch
