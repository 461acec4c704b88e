// SPDX-License-Identifier: MIT
#pragma once
// A generation together with what it was made from, so that the next one can share what has not changed.

#include "host/app/compose.hpp"
#include "host/app/serve/file_state.hpp"
#include "host/config/load.hpp"
#include "host/core/trusted.hpp"
#include "host/engine/generation.hpp"
#include "host/plugin/catalog.hpp"

#include <expected>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace microengine::app {

/// All that an opened backend hangs on.
struct Origin {
    core::BackendPolicy policy;
    config::Isolation isolation = config::Isolation::process;
    std::vector<std::string> grant;
    std::filesystem::path plugin_file;
    util::Sha256 plugin{};   ///< of that file; zero: this backend is absent, and nothing is the same as it
    core::Settings settings;
    std::vector<std::filesystem::path> paths;   ///< among its settings
    FileState files;                            ///< of these, before it was opened
};
[[nodiscard]] bool same(const Origin& a, const Origin& b);

/// A generation in the making: all of it is known but what opening says.
struct Draft {
    config::Loaded loaded;
    core::TrustedLists trusted;
    std::unique_ptr<plugin::Catalog> catalog;
    std::vector<Rung> rungs;       ///< point into the two
    std::vector<Origin> origins;   ///< of the rungs
};

/// A generation that is or was in use.
struct Opened {
    config::Config config;
    std::unique_ptr<plugin::Catalog> catalog;
    std::vector<Origin> origins;                            ///< of the backends
    std::shared_ptr<const engine::Generation> generation;   // shared with the engine and its frontends
};

/// Of rungs that were vetted: before they are opened.
[[nodiscard]] std::vector<Origin> origins_of(std::span<const Rung> rungs);

/// Reads the file, vets the plugins, checks the settings, and takes over every backend of `now` that is the
/// same and well. Or all that is wrong, one line each. `elsewhere`: see forget_settings().
[[nodiscard]] std::expected<Draft, std::vector<std::string>> draft_next(const std::filesystem::path& file,
                                                                        const Opened& now, bool elsewhere);

/// All backends of the draft are open.
[[nodiscard]] Opened finish(Draft draft, std::shared_ptr<core::VerdictCache> cache, std::uint64_t number);

/// Everything whose change is a reason to reload: the file and what it names.
[[nodiscard]] std::vector<std::filesystem::path> watched_files(const std::filesystem::path& file,
                                                               const Opened& now);

}   // namespace microengine::app
