// SPDX-License-Identifier: MIT
#pragma once
// What the host makes of a worker: how it fared with one artifact apart from what it found, what its wait
// status says, what it logs. Any thread.

#include "host/core/outcome.hpp"
#include "host/wire/messages.hpp"

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

/// A line that a plugin logged in another process, printed as the host's own. Bounded and UTF-8 already.
void print(const wire::Said& said, const std::string& backend);

}   // namespace microengine::isolate
