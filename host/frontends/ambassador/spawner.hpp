// SPDX-License-Identifier: MIT
#pragma once
// Starts engines of ours for checks: each with secrets, a journal and a configuration of its own.

#include "host/bounty/filter.hpp"
#include "host/bounty/signature.hpp"
#include "host/frontends/ambassador/child.hpp"
#include "host/frontends/ambassador/target.hpp"
#include "host/frontends/ambassador/temp_folder.hpp"
#include "host/util/result.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace microengine::ambassador {

/// What a check changes of the given configuration. What is not said here of the marketplace is as the
/// configuration has it, but for budgets, filters and rates: without a word of them there are none.
struct Overlay {
    std::filesystem::path secret_file;
    std::filesystem::path previous_secret_file;
    std::filesystem::path journal;
    std::vector<std::string> allow_hosts;
    std::uint64_t max_artifact_bytes = std::uint64_t{4} << 20;
    milliseconds drain_timeout{3000};
    std::optional<std::uint32_t> max_pending;
    std::optional<std::uint32_t> max_per_minute;
    std::optional<bounty::Wei> budget_per_hour;
    std::vector<bounty::FilterRule> filters;
    std::vector<std::string> puppets;   ///< backends that do what they are told, beside those configured
    bool only_puppets = false;          ///< instead of these
};

/// The program's part of it.
struct SpawnParts {
    std::filesystem::path program;   ///< microengine
    std::filesystem::path puppet;    ///< the plugin of puppets; empty: there is none
    /// The configuration with these changes, as TOML.
    std::function<util::Result<std::string>(const Overlay&)> configure;
    std::string webhook_path;   ///< of the engine that is asked
};

/// Main thread.
class Spawner {
public:
    /// A running engine.
    struct Engine {
        std::unique_ptr<Child> child;
        Target target;
        bounty::Secret secret;
        Overlay overlay;
    };

    [[nodiscard]] static util::Result<std::unique_ptr<Spawner>> make(SpawnParts parts,
                                                                     std::string market_address);

    /// With a new secret and an empty journal; nothing else has been changed.
    [[nodiscard]] util::Result<Overlay> plain();
    [[nodiscard]] util::Result<Engine> start(const Overlay& overlay);
    /// The same journal and secret again.
    [[nodiscard]] util::Result<Engine> restart(const Engine& ended) { return start(ended.overlay); }
    /// Not waiting until it listens: it may refuse to.
    [[nodiscard]] util::Result<std::unique_ptr<Child>> start_child(const Overlay& overlay);
    /// `text` becomes part of it.
    [[nodiscard]] util::Result<std::filesystem::path> new_secret(std::string_view text = {});
    /// In a folder that goes with the run.
    [[nodiscard]] util::Result<std::filesystem::path> new_file(std::string_view what, std::string_view text);

    /// Asks it to end as a service manager does, and keeps its log.
    [[nodiscard]] std::optional<int> end(Engine& engine, milliseconds patience);
    void kill(Engine& engine);
    /// What all that have ended have logged, and every secret they had.
    [[nodiscard]] const std::string& logs() const { return logs_; }
    [[nodiscard]] const std::vector<std::string>& secrets() const { return secrets_; }
    [[nodiscard]] bool has_puppet() const { return !parts_.puppet.empty(); }
    [[nodiscard]] const std::filesystem::path& folder() const { return folder_->path(); }

private:
    Spawner(SpawnParts parts, std::string market_address, std::unique_ptr<TempFolder> folder);
    SpawnParts parts_;
    std::string market_address_;
    std::unique_ptr<TempFolder> folder_;
    std::uint64_t files_ = 0;
    std::string logs_;
    std::vector<std::string> secrets_;
};

}   // namespace microengine::ambassador
