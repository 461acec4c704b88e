// SPDX-License-Identifier: MIT
#include "host/conformance/subject.hpp"

#include "host/config/settings.hpp"
#include "host/config/single_plugin.hpp"

#include <random>
#include <utility>

namespace microengine::conformance {

namespace fs = std::filesystem;
using util::Result;

namespace {

Result<plugin::Vetted> vet(const fs::path& file, const Options& options) {
    plugin::Vetted plugin = ME_TRY(plugin::vet(file));
    ME_CHECK(plugin::check_use(
        plugin, {.sha256 = std::nullopt, .granted_needs = plugin::granted_needs(options.grants)}));
    return plugin;
}

std::string text_of(std::span<const config::Diagnostic> diagnostics) {
    std::string text = config::to_text(diagnostics);
    while (text.ends_with('\n')) text.pop_back();
    return text;
}

}   // namespace

Result<Configured> configure(const Subject& subject, const std::vector<std::string>& settings) {
    const config::Loaded loaded = ME_TRY(config::single_plugin_config(
        {.file = subject.file, .settings = settings, .grants = subject.options.grants}));
    Configured configured;
    if (!loaded.ok() || loaded.config.backends.empty()) {
        configured.problems = text_of(loaded.diagnostics);
        return configured;
    }
    auto checked = config::check_settings(loaded, loaded.config.backends.front(), subject.card().settings);
    if (!checked.ok()) configured.problems = text_of(checked.diagnostics);
    configured.settings = std::move(checked.settings);
    return configured;
}

Result<Subject> make_subject(const Options& options) {
    std::error_code error;
    const fs::path file = fs::canonical(options.plugin, error);
    if (error) return util::fail(util::Errc::usage, options.plugin, error.message());
    Subject subject{
        .options = options,
        .seed = options.seed ? *options.seed : std::random_device()(),
        .file = file,
        .vetted = vet(file, options),
        .settings_problems = {},
        .settings = {},
        .helper = fs::read_symlink("/proc/self/exe", error).parent_path() / "microengine-backend"};
    if (!subject.vetted) return subject;
    Configured configured = ME_TRY(configure(subject, options.settings));
    subject.settings = std::move(configured.settings);
    subject.settings_problems = std::move(configured.problems);
    return subject;
}

}   // namespace microengine::conformance
