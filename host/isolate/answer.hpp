// SPDX-License-Identifier: MIT
#pragma once
// How a worker fared with one artifact, apart from what it found, and what its wait status says. Pure.

#include "host/core/outcome.hpp"

#include <cstdint>
#include <string>

namespace microengine::isolate {

/// How one scan went, apart from what was found.
struct Answer {
    enum class Ending : std::uint8_t {
        answered,    ///< the result is complete
        died,        ///< it ended by itself
        late,        ///< killed after its deadline
        cancelled,   ///< killed because it did not stop when it was told to
        lied,        ///< killed for what it sent
        orphaned,    ///< its zygote is gone, and so is it
        idle,        ///< it had ended before it got this artifact
    };
    Ending ending = Ending::answered;
    core::Reason reason = core::Reason::none;   ///< of Outcome::crashed
    std::string why;                            ///< "killed by SIGSEGV"
};

/// "killed by SIGSEGV", "ended itself with status 0": what a wait status says, and which reason that is.
[[nodiscard]] Answer describe_death(int status);

}   // namespace microengine::isolate
