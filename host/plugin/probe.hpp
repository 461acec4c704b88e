// SPDX-License-Identifier: MIT
#pragma once
// The first scans of a new scanner: before a backend is trusted with artifacts it must survive odd ones and
// judge its own canaries as it says it does.

#include "host/core/verdict.hpp"
#include "host/plugin/backend.hpp"
#include "host/util/result.hpp"

#include <microengine/plugin.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::plugin {

/// A small artifact, and what must be thought of it; nothing: surviving it is enough.
struct Canary {
    std::string name;   ///< begins with "canary"
    std::string bytes;
    std::optional<core::Verdict> wanted;
};

/// No bytes, one byte, 64 KiB of zeros, EICAR; then those of the plugin's me.selftest/1. Call it while
/// nothing else runs in the backend. Reason code: probe_failed.
[[nodiscard]] util::Result<std::vector<Canary>> collect_canaries(const me_plugin_v1& table,
                                                                 me_backend* backend, std::string_view name);

/// Empty: all is well; else "probe_failed: …" or "probe_wrong_verdict: …". `file` has the bytes of the only
/// canary, for a plugin that needs one and where none can be made; -1: it can.
[[nodiscard]] std::string probe(Scanner& scanner, std::span<const Canary> canaries, int file = -1);
[[nodiscard]] std::span<const std::uint8_t> bytes_of(const Canary& canary);

}   // namespace microengine::plugin
