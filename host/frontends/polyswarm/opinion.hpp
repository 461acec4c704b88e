// SPDX-License-Identifier: MIT
#pragma once
// What we have to say of an artifact, before money is looked at. Pure.

#include "host/bounty/reply.hpp"
#include "host/core/report.hpp"
#include "host/engine/generation.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace microengine::polyswarm {

struct Opinion {
    bounty::Reply reply;   ///< without phase and bid
    std::string note;      ///< why, for the operator
};

/// Verdict, family and confidence are the combiner's: those of the side that won. A confidence that no
/// backend has given is none.
[[nodiscard]] Opinion opinion_of(const core::Report& report, bool report_backends);

/// The backends whose versions a reply names.
struct Asked {
    const engine::Generation* generation = nullptr;    ///< null: there is none
    const std::vector<std::string>* names = nullptr;   ///< those of an engine; null: all
};
/// Unknown, with one of PolySwarm's standard comments.
[[nodiscard]] Opinion abstention(std::string_view comment, std::string note, const Asked& asked);

}   // namespace microengine::polyswarm
