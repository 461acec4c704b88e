// SPDX-License-Identifier: MIT
#pragma once
// One artifact to judge, and whom to tell.

#include "host/core/artifact.hpp"
#include "host/core/deadline.hpp"
#include "host/core/report.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::engine {

/// How much of its reasons a report carries; the verdict is the same.
enum class Detail : std::uint8_t {
    verdict,       ///< no sentence
    explanation,   ///< and the sentence
    flips,         ///< and what would have changed the verdict: up to 2n more combinations
};

/// Who waits for it: somebody, or a batch.
enum class Urgency : std::uint8_t { interactive, bulk };

struct Job {
    std::string name;                      ///< the artifact's, should it never be loaded
    std::string_view frontend = "cli";     ///< the way in; of static life
    std::string request;                   ///< what the log calls this request; may be empty
    core::ArtifactLoader load;             ///< runs on the slot's thread
    std::chrono::nanoseconds timeout{0};   ///< from when it has been loaded; 0: none
    core::Deadline deadline = {};          ///< however long it has waited; what has not answered is too late
    /// The names of those that are asked; the others' rows say routed. Null: all. Shared by a frontend's
    /// jobs.
    std::shared_ptr<const std::vector<std::string>> backends = {};
    Urgency urgency = Urgency::interactive;
    bool promised = false;   ///< whoever sent it has been told that it will be done, and does not ask again
    std::uint64_t client = 0;   ///< who sends it, as its frontend counts them; the queue is fair between them
    bool all_matches = true;    ///< false: a backend may stop at its first malicious match
    Detail detail = Detail::explanation;
    /// Called exactly once, on a thread of the engine, whatever happens. Must not throw, and must not wait
    /// for the engine.
    std::move_only_function<void(core::Report)> done;
};

}   // namespace microengine::engine
