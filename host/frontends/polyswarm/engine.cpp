// SPDX-License-Identifier: MIT
#include "host/frontends/polyswarm/engine.hpp"

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <optional>

namespace microengine::polyswarm {

namespace {

constexpr const char* kVariable = "MICROENGINE_POLYSWARM_SECRET";

/// As a file's: without one final line end.
std::string_view without_line_end(std::string_view text) {
    if (!text.ends_with('\n')) return text;
    return text.substr(0, text.size() - (text.ends_with("\r\n") ? 2 : 1));
}

util::Result<bounty::Secret> current_secret(const bounty::EngineSettings& engine) {
    if (!engine.secret_file.empty()) return bounty::read_secret(engine.secret_file);
    const char* given = std::getenv(kVariable);   // NOLINT(concurrency-mt-unsafe): nobody changes it
    const std::string_view secret = without_line_end(given == nullptr ? "" : given);
    if (!secret.empty()) return bounty::Secret(std::string(secret));
    return util::fail(
        util::Errc::config, "polyswarm engine '" + engine.name + "'",
        std::string("has no secret, so anybody could send it bounties; set secret_file or ") + kVariable);
}

bool has_text(const std::filesystem::path& file) {
    constexpr std::uintmax_t line_end = 1;
    std::error_code error;
    const std::uintmax_t size = file.empty() ? 0 : std::filesystem::file_size(file, error);
    return !error && size > line_end;
}

}   // namespace

Engine::Engine(const bounty::EngineSettings& given, Standing its_standing)
    : standing(its_standing),
      settings(given),
      backends(given.backends.empty() ? nullptr
                                      : std::make_shared<const std::vector<std::string>>(given.backends)),
      purse(given) {}

util::Result<void> Engine::read_secrets() {
    bounty::Secret current = ME_TRY(current_secret(settings));
    std::optional<bounty::Secret> previous;
    // None, most of the time: it is written when the secret is changed, and emptied when that is over.
    if (has_text(settings.previous_secret_file))
        previous = ME_TRY(bounty::read_secret(settings.previous_secret_file));
    auto fresh = std::make_shared<const bounty::Secrets>(
        bounty::Secrets{.current = std::move(current), .previous = std::move(previous)});
    const util::Lock lock(mutex_);
    secrets_ = std::move(fresh);
    return {};
}

std::shared_ptr<const bounty::Secrets> Engine::secrets() const {
    const util::Lock lock(mutex_);
    return secrets_;
}

}   // namespace microengine::polyswarm
