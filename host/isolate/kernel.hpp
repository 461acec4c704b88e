// SPDX-License-Identifier: MIT
#pragma once
// What this kernel, as it is configured here, offers to lock a worker down with. Found by trying: a version
// number says nothing about containers, sysctls and security modules.

#include <string>
#include <vector>

namespace microengine::isolate {

struct Kernel {
    int landlock_abi = 0;             ///< 0: none
    bool seccomp = false;             ///< filters that can kill the process
    bool future_write_seal = false;   ///< F_SEAL_FUTURE_WRITE
    bool private_mounts = false;      ///< a tmpfs per worker: as root, or in a user namespace of its own
    bool private_processes = false;   ///< a process namespace per worker, likewise
    bool pidfd = false;               ///< pidfd_open
    bool executable_memfd = false;    ///< a plugin can be loaded from its sealed copy
};

/// A few milliseconds. Any thread, and whatever the other threads do; leaves no child, no descriptor.
[[nodiscard]] Kernel probe_kernel();

/// What is there, in one line: "seccomp, Landlock ABI 7, private temporary file systems".
[[nodiscard]] std::string kernel_text(const Kernel& kernel);

/// A sentence for each thing that is missing: what, and what that means.
[[nodiscard]] std::vector<std::string> lacks(const Kernel& kernel);

/// Was this program built with a sanitizer that needs more of the system than a locked-down worker has?
[[nodiscard]] bool sanitizer_build();

}   // namespace microengine::isolate
