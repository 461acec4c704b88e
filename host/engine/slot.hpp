// SPDX-License-Identifier: MIT
#pragma once
// A place where one artifact at a time is judged: its buffer, its scanners, and the way from job to report.

#include "host/core/artifact.hpp"
#include "host/engine/fan_out.hpp"
#include "host/engine/flights.hpp"
#include "host/engine/generation.hpp"
#include "host/engine/job.hpp"

#include <memory>

namespace microengine::engine {

/// judge() on one thread at a time; stop() on any.
class Slot {
public:
    Slot(std::shared_ptr<const Generation> generation, Costs& costs, Flights& flights);
    /// The artifact's report; the job's `done` is the caller's to call.
    [[nodiscard]] core::Report judge(Job& job, Spread spread);
    /// The running scan ends soon, later ones at once.
    void stop() { fan_out_.stop(); }

private:
    std::shared_ptr<const Generation>
        generation_;   // shared with the engine: a scan ends on the one it began on
    Flights& flights_;
    std::unique_ptr<core::ArtifactBuffer> buffer_;
    FanOut fan_out_;
};

/// The report of an artifact that no backend saw, for this reason.
[[nodiscard]] core::Report unseen(const Generation& generation, Job& job, core::ArtifactFacts facts,
                                  core::Reason why, const std::string& message);

/// What another machine's backends said, judged as this generation judges: by its combiner, its lists and its
/// backends' policies. Rows of backends that it does not name keep the policy that they came with.
/// `report.artifact` must be what was sent. An error is a sentence: there is no row of a backend
/// that it names, or there are two of one.
[[nodiscard]] std::expected<void, std::string> judge_again(const Generation& generation, const Job& job,
                                                           core::Report& report);

/// The same of one whose bytes could not be had.
[[nodiscard]] core::Report unread(const Generation& generation, Job& job, core::LoadFailure failure);

}   // namespace microengine::engine
