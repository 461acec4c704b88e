// SPDX-License-Identifier: MIT
#include "host/app/serve/opened.hpp"

#include "host/app/problems.hpp"
#include "host/config/trusted.hpp"
#include "host/util/files.hpp"
#include "host/util/text.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

namespace microengine::app {

namespace {

namespace fs = std::filesystem;

bool same_values(const core::Settings& a, const core::Settings& b) {
    // Where a setting stands in the file does not matter.
    return std::ranges::equal(a.all, b.all, [](const core::Setting& one, const core::Setting& other) {
        return one.name == other.name && one.values == other.values;
    });
}

std::vector<fs::path> paths_of(const Rung& rung) {
    std::vector<fs::path> paths;
    for (const core::SettingSpec& spec : rung.plugin->card.settings) {
        const core::Setting* setting = rung.settings.find(spec.name);
        if (spec.type != core::SettingType::path || setting == nullptr) continue;
        for (const core::SettingValue& value : setting->values)
            if (const auto& text = std::get<std::string>(value); !text.empty()) paths.emplace_back(text);
    }
    return paths;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(std::move(line));
    return lines;
}

/// One that is out of service gets a new start.
bool well(const plugin::Backend& backend) { return backend.health().state == plugin::Health::State::ready; }

void share(Draft& draft, const Opened& now) {
    for (std::size_t i = 0; i < draft.rungs.size(); ++i) {
        for (std::size_t k = 0; k < now.origins.size(); ++k) {
            const engine::OpenBackend& opened = now.generation->backends[k];
            if (!same(draft.origins[i], now.origins[k]) || !well(*opened.backend)) continue;
            draft.rungs[i].backend = opened.backend;
            draft.rungs[i].one_at_a_time = opened.one_at_a_time;
        }
    }
}

}   // namespace

bool same(const Origin& a, const Origin& b) {
    return a.policy == b.policy && a.isolation == b.isolation && a.grant == b.grant && a.plugin == b.plugin &&
           same_values(a.settings, b.settings) && a.files == b.files;
}

std::vector<Origin> origins_of(std::span<const Rung> rungs) {
    std::vector<Origin> origins;
    for (const Rung& rung : rungs) {
        Origin& origin = origins.emplace_back();
        origin.policy = rung.config->policy;
        origin.isolation = rung.config->isolation;
        origin.grant = rung.config->grant;
        origin.plugin_file = rung.plugin->path;
        origin.plugin = rung.plugin->sha256;
        origin.settings = rung.settings;
        origin.paths = paths_of(rung);
        origin.files = file_state(origin.paths);
    }
    return origins;
}

std::expected<Draft, std::vector<std::string>> draft_next(const fs::path& file, const Opened& now,
                                                          bool elsewhere) {
    Draft draft;
    draft.loaded = config::load(file);
    draft.trusted = config::load_trusted(draft.loaded.config, draft.loaded.diagnostics);
    const fs::path& directory = draft.loaded.config.plugins.directory;
    draft.catalog = std::make_unique<plugin::Catalog>(directory.empty() ? util::layout().plugins : directory);
    draft.catalog->adopt(*now.catalog);
    draft.rungs = vet_backends(draft.loaded, *draft.catalog);
    if (elsewhere) forget_settings(draft.rungs);
    if (!draft.loaded.ok() || std::ranges::any_of(draft.rungs, &Rung::stopped))
        return std::unexpected(
            lines_of(config::to_text(problems_of(draft.loaded, draft.rungs, ProblemsWanted{}))));
    draft.origins = origins_of(draft.rungs);
    share(draft, now);
    return draft;
}

Opened finish(Draft draft, std::shared_ptr<core::VerdictCache> cache, std::uint64_t number) {
    auto generation =
        make_generation(draft.loaded.config, std::move(draft.trusted), draft.rungs, std::move(cache));
    generation->number = number;
    return {.config = std::move(draft.loaded.config),
            .catalog = std::move(draft.catalog),
            .origins = std::move(draft.origins),
            .generation = std::move(generation)};
}

std::vector<fs::path> watched_files(const fs::path& file, const Opened& now) {
    std::vector<fs::path> paths{file};
    const config::Config& config = now.config;
    paths.insert(paths.end(), config.trusted.allow.begin(), config.trusted.allow.end());
    paths.insert(paths.end(), config.trusted.block.begin(), config.trusted.block.end());
    for (const fs::path& each : {config.http.tokens_file, config.http.tls_certificate, config.http.tls_key})
        if (!each.empty()) paths.push_back(each);
    for (const Origin& origin : now.origins) {
        paths.push_back(origin.plugin_file);
        paths.insert(paths.end(), origin.paths.begin(), origin.paths.end());
    }
    return paths;
}

}   // namespace microengine::app
