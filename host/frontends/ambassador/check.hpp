// SPDX-License-Identifier: MIT
#pragma once
// The checklist: what an engine must be able to do, one small function each. Main thread.

#include "host/frontends/ambassador/desk.hpp"
#include "host/frontends/ambassador/spawner.hpp"

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::ambassador {

enum class Status : std::uint8_t { pass, fail, skip };
[[nodiscard]] std::string_view to_text(Status status);

struct Outcome {
    Status status = Status::pass;
    std::string seen;   ///< printable, one line
};
[[nodiscard]] Outcome passed(std::string_view seen);
[[nodiscard]] Outcome failed(std::string_view seen);
[[nodiscard]] Outcome skipped(std::string_view why);
/// Passed, unless there is a fault.
[[nodiscard]] Outcome from(const Fault& fault, std::string_view otherwise);

/// Which replies are asked for where a check does not say.
enum class Phases : std::uint8_t { assertion, arbitration, both };

/// What checks work with.
struct Scene {
    Desk& desk;            ///< of the engine that is asked by all but those that start one of their own
    std::string address;   ///< of the market: "127.0.0.1:41234"
    Phases phases = Phases::both;
    Spawner* spawner = nullptr;          ///< null: the engine is somebody else's
    Spawner::Engine* engine = nullptr;   ///< that `desk` asks; null as well
    std::deque<Desk> others{};           ///< of engines that were started for a check
    std::string check{};                 ///< the one that runs

    /// One or both.
    [[nodiscard]] std::vector<bounty::Phase> wanted_phases() const;
    /// For an engine that was started; lives as long as the scene.
    [[nodiscard]] Desk& desk_for(const Spawner::Engine& started);
};

struct Check {
    std::string_view id;     ///< "A7"
    std::string_view name;   ///< what passes
    Outcome (*run)(Scene& scene);
    std::string_view fix;   ///< what to do where it fails
    bool spawns = false;    ///< it must be able to start, configure or end the engine
};
[[nodiscard]] std::span<const Check> all_checks();

/// Prepares and posts all of them, and judges each.
[[nodiscard]] Outcome judged(Desk& desk, std::vector<Plan> plans);

// Those that any engine can be asked.
[[nodiscard]] Outcome answers_unsigned(Scene& scene);
[[nodiscard]] Outcome answers_ping(Scene& scene);
[[nodiscard]] Outcome checks_signatures(Scene& scene);
[[nodiscard]] Outcome accepts_before_work(Scene& scene);
[[nodiscard]] Outcome refuses_bad_requests(Scene& scene);
[[nodiscard]] Outcome reads_every_spelling(Scene& scene);
[[nodiscard]] Outcome finds_eicar(Scene& scene);
[[nodiscard]] Outcome clears_benign(Scene& scene);
[[nodiscard]] Outcome takes_empty(Scene& scene);
[[nodiscard]] Outcome skips_unknown_type(Scene& scene);
[[nodiscard]] Outcome survives_bad_downloads(Scene& scene);
[[nodiscard]] Outcome stays_outside(Scene& scene);
[[nodiscard]] Outcome answers_once(Scene& scene);
[[nodiscard]] Outcome is_never_late(Scene& scene);
[[nodiscard]] Outcome answers_expired(Scene& scene);
[[nodiscard]] Outcome delivers_at_last(Scene& scene);
[[nodiscard]] Outcome takes_no_for_an_answer(Scene& scene);
[[nodiscard]] Outcome repeats_itself(Scene& scene);
[[nodiscard]] Outcome votes(Scene& scene);
[[nodiscard]] Outcome keeps_books(Scene& scene);

// Those that start, configure or end one.
[[nodiscard]] Outcome takes_a_flood(Scene& scene);
[[nodiscard]] Outcome waits_for_no_backend(Scene& scene);
[[nodiscard]] Outcome survives_a_kill(Scene& scene);
[[nodiscard]] Outcome ends_well(Scene& scene);
[[nodiscard]] Outcome rotates_secrets(Scene& scene);
[[nodiscard]] Outcome needs_a_secret(Scene& scene);
[[nodiscard]] Outcome keeps_to_limits(Scene& scene);
[[nodiscard]] Outcome stands_bad_backends(Scene& scene);
[[nodiscard]] Outcome stands_silence(Scene& scene);
[[nodiscard]] Outcome keeps_secrets(Scene& scene);

}   // namespace microengine::ambassador
