// SPDX-License-Identifier: MIT
#pragma once
// How the workers of a backend are locked down: its declared needs, what the operator wants, and what the
// kernel offers, put together once, before the first worker is started.

#include "host/isolate/kernel.hpp"
#include "host/util/result.hpp"
#include "host/wire/messages.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace microengine::isolate {

/// [isolation] sandbox.
enum class SandboxPolicy : std::uint8_t {
    standard,   ///< what the kernel lacks is said, and gone without; but not without seccomp
    strict,     ///< a backend is refused rather than locked down with something missing
    off,        ///< a process of its own with limits, and nothing else
};

struct JailRequest {
    std::uint32_t needs = 0;               ///< ME_NEED_*, declared and allowed
    std::vector<std::string> read_paths;   ///< those of its path settings; used if it needs them
    bool names_socket = false;             ///< one of them is a socket: with the network it may connect to it
    SandboxPolicy policy = SandboxPolicy::standard;
    Kernel kernel;
    std::uint64_t memory_bytes = 0;      ///< beyond the warmed-up size; 0: no limit
    std::uint64_t temp_bytes = 0;        ///< of the temporary directory, and of a file in it; 0: no limit
    std::uint32_t user = 0, group = 0;   ///< to become, when the helper runs as root; 0: stay
    bool forks = true;                   ///< workers are forks of a helper, and not helpers themselves
    bool sanitizer_build = false;
};
struct JailPlan {
    wire::Jail jail;
    std::vector<std::string> weaknesses;   ///< sentences for the operator; none: all that was asked for
};

/// Or why this backend cannot be isolated here: "sandbox_unavailable: …". Pure; any thread.
[[nodiscard]] util::Result<JailPlan> plan_jail(const JailRequest& request);

}   // namespace microengine::isolate
