// SPDX-License-Identifier: MIT
#pragma once
// What all isolated backends of this host have in common.

#include "host/isolate/breaker.hpp"
#include "host/isolate/jail_plan.hpp"
#include "host/isolate/kernel.hpp"
#include "host/isolate/launcher.hpp"
#include "host/isolate/poison_list.hpp"
#include "host/plugin/temp_root.hpp"

#include <cstdint>
#include <filesystem>

namespace microengine::isolate {

struct IsolationSettings {
    std::filesystem::path helper;   ///< microengine-backend
    SandboxPolicy sandbox = SandboxPolicy::standard;
    std::uint64_t memory_bytes = std::uint64_t{2} << 30;   ///< private memory of a worker beyond its start
    std::uint64_t temp_bytes = std::uint64_t{1} << 30;     ///< of a worker's temporary directory
    std::uint32_t user = 65'534, group = 65'534;           ///< whom workers become when we are root
    BreakerSettings breaker;
    PoisonSettings poison;
};

/// Outlives every backend that was opened with it. Any thread.
struct Isolation {
    Isolation(IsolationSettings given, plugin::TempRoot& root)
        : settings(std::move(given)), kernel(probe_kernel()), temp_root(root), launcher(settings.helper) {}
    const IsolationSettings settings;
    const Kernel kernel;
    plugin::TempRoot& temp_root;
    Launcher launcher;
};

}   // namespace microengine::isolate
