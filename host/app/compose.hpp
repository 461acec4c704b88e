// SPDX-License-Identifier: MIT
#pragma once
// From the configuration to opened backends: the place where config, plugins and engine meet.

#include "host/config/load.hpp"
#include "host/core/setting.hpp"
#include "host/engine/generation.hpp"
#include "host/isolate/isolation.hpp"
#include "host/plugin/catalog.hpp"
#include "host/plugin/temp_root.hpp"
#include "host/util/result.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace microengine::app {

/// One [[backend]] on its way up the ladder. A problem stops it where it is.
struct Rung {
    const config::BackendConfig* config = nullptr;
    plugin::Vetted* plugin = nullptr;                    ///< once vetted
    core::Settings settings;                             ///< once configured
    std::shared_ptr<plugin::Backend> backend;            ///< once open; at a reload the unchanged ones are
    std::shared_ptr<std::timed_mutex> one_at_a_time;     ///< of such a one
    std::uint64_t open_ns = 0;                           ///< how long opening took
    std::string refusal;                                 ///< "place: error: code: text"; "": none
    std::vector<config::Diagnostic> settings_problems;   ///< its settings against the card

    [[nodiscard]] bool stopped() const;
};

/// Vets the plugins of the enabled backends and checks their settings; no plugin code runs.
[[nodiscard]] std::vector<Rung> vet_backends(const config::Loaded& loaded, plugin::Catalog& catalog);
/// Loads and opens those that have got so far.
/// `isolation` is null when no backend is to be isolated.
void open_backends(std::vector<Rung>& rungs, plugin::Catalog& catalog, plugin::TempRoot& temp_root,
                   isolate::Isolation* isolation);
/// For who scans elsewhere: workers open the backends, here they are only known. Their settings are the
/// workers' concern too, whose files need not be on this machine.
void forget_settings(std::vector<Rung>& rungs);
void stand_in(std::vector<Rung>& rungs);
[[nodiscard]] bool any_isolated(const std::vector<Rung>& rungs);
/// What the configuration says of isolation; an error names the user that does not exist.
[[nodiscard]] util::Result<isolate::IsolationSettings> isolation_settings(const config::Config& config);
/// Null: nothing is to be remembered. A file that cannot be used is a warning, and the cache forgets at the
/// end.
[[nodiscard]] std::shared_ptr<core::VerdictCache> make_cache(const config::CacheConfig& config);
/// All backends are open: one generation. `cache` may be null.
[[nodiscard]] std::shared_ptr<engine::Generation> make_generation(const config::Config& config,
                                                                  core::TrustedLists trusted,
                                                                  std::span<Rung> rungs,
                                                                  std::shared_ptr<core::VerdictCache> cache);

}   // namespace microengine::app
