// SPDX-License-Identifier: MIT
#pragma once
// What we have to say of an artifact, before money is looked at. Pure.

#include "host/bounty/reply.hpp"
#include "host/core/report.hpp"
#include "host/engine/generation.hpp"

#include <string>
#include <string_view>

namespace microengine::polyswarm {

struct Opinion {
    bounty::Reply reply;   ///< without phase and bid
    std::string note;      ///< why, for the operator
};

/// Verdict, family and confidence are the combiner's: those of the side that won. A confidence that no
/// backend has given is none.
[[nodiscard]] Opinion opinion_of(const core::Report& report, bool report_backends);

/// Unknown, with one of PolySwarm's standard comments. Versions are those of the generation.
[[nodiscard]] Opinion abstention(std::string_view comment, std::string note,
                                 const engine::Generation& generation);

}   // namespace microengine::polyswarm
