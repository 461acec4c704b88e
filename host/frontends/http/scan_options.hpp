// SPDX-License-Identifier: MIT
#pragma once
// How one request wants its artifacts scanned, of its parameters. Pure.

#include "host/core/serve_settings.hpp"
#include "host/engine/job.hpp"
#include "host/frontends/http/target.hpp"

#include <chrono>
#include <expected>
#include <span>
#include <string>

namespace microengine::http {

struct ScanOptions {
    std::string name;   ///< of a single artifact; may be empty
    std::chrono::milliseconds timeout{0};
    engine::Urgency urgency = engine::Urgency::interactive;
    engine::Detail detail = engine::Detail::explanation;
    bool all_matches = true;
};

/// Or what is wrong with them, for the client.
[[nodiscard]] std::expected<ScanOptions, std::string> read_options(std::span<const Parameter> query,
                                                                   const core::HttpSettings& settings);

}   // namespace microengine::http
