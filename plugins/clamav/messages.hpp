// SPDX-License-Identifier: GPL-2.0-only
#pragma once
// libclamav often returns "clean" when something stopped it, and says so in its log only. This reads that
// log: what a message of a scan tells about the scan's completeness. A pure function, any thread.

#include <string_view>

namespace microengine::clamav {

enum class Complaint {
    none,           ///< nothing that made it look at less
    too_large,      ///< would need more memory than libclamav allows itself
    too_long,       ///< a bytecode signature ran out of time
    corrupt,        ///< a member could not be unpacked
    no_memory,      ///< an allocation failed
    input_output,   ///< a temporary file could not be made, written or read
};

[[nodiscard]] Complaint complaint_of(std::string_view message);

/// Of a message while signatures are loaded: did libclamav leave some out, and yet call it a success?
[[nodiscard]] bool lost_signatures(std::string_view message);

}   // namespace microengine::clamav
