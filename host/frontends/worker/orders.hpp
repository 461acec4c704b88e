// SPDX-License-Identifier: MIT
#pragma once
// From a job of the queue to one of the engine: where its bytes are, checked against what the job says of
// them.

#include "host/broker/job_text.hpp"
#include "host/core/artifact.hpp"
#include "host/core/queue_settings.hpp"
#include "host/engine/job.hpp"
#include "host/util/result.hpp"

#include <cstdint>

namespace microengine::worker {

/// Everything but the loader and whom to tell.
[[nodiscard]] engine::Job engine_job(const broker::JobText& text);
/// How long is left until the job's deadline, by this machine's clock; without one: for ever. Negative: it
/// has passed.
[[nodiscard]] std::chrono::milliseconds time_left(const broker::JobText& text);

/// Can files of queue.artifact_dir be read? Where there is none, there is nothing to read.
[[nodiscard]] util::Result<void> shared_folder(const core::QueueSettings& settings);

/// How long ago it was published, by the clocks of both machines; perhaps negative.
[[nodiscard]] std::int64_t age_ms(const broker::JobText& text);

/// Bytes that came with the job, a URL's text, or a file of queue.artifact_dir, opened below it and nowhere
/// else.
[[nodiscard]] core::ArtifactLoader loader_of(const broker::JobText& text,
                                             const core::QueueSettings& settings);
/// What is loaded must have the job's digest and size; else it is no artifact of ours.
[[nodiscard]] core::ArtifactLoader verified(core::ArtifactLoader load, core::ArtifactFacts expected);

}   // namespace microengine::worker
