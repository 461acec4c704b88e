// SPDX-License-Identifier: MIT
#pragma once
// The configuration as plain values: what load() makes of a file, and all that the rest of the host sees of
// it. The defaults here are those of the table in keys.cpp; a test compares them.

#include "host/bounty/settings.hpp"
#include "host/config/node.hpp"
#include "host/core/combiner_settings.hpp"
#include "host/core/queue_settings.hpp"
#include "host/core/scan_result.hpp"
#include "host/core/serve_settings.hpp"
#include "host/util/digest.hpp"
#include "host/util/log.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace microengine::config {

enum class Isolation : std::uint8_t { process, in_process };
enum class Sandbox : std::uint8_t { standard, strict, off };
/// In the order of util::Level.
enum class LogLevel : std::uint8_t { automatic, debug, info, warning, error };
enum class LogFormat : std::uint8_t { automatic, text, json };

/// One [[backend]].
struct BackendConfig {
    core::BackendPolicy policy;   ///< name, weight, required, veto, group, default_confidence
    std::string plugin;           ///< a bare name in the plugin directory, or an absolute path
    std::chrono::milliseconds timeout{10'000};
    Isolation isolation = Isolation::process;
    std::optional<std::uint64_t> max_artifact_bytes;
    std::optional<util::Sha256> sha256;   ///< the plugin file must have this digest
    bool enabled = true;
    std::vector<std::string> grant;   ///< "network", "exec_memory", "programs"
    Node settings;                    ///< as written; check_settings() checks it against the plugin's card
    Position at;
    std::string place;   ///< "microengine.toml:7:1"

    [[nodiscard]] bool votes() const { return enabled && policy.weight > 0; }
};

struct TrustedFiles {
    std::vector<std::filesystem::path> allow;
    std::vector<std::filesystem::path> block;
};

struct PluginsConfig {
    std::filesystem::path directory;   ///< empty: beside the program
};

struct IsolationConfig {
    Sandbox sandbox = Sandbox::standard;
    std::string user = "nobody";   ///< whom workers become when the program runs as root
    std::uint64_t memory_bytes = std::uint64_t{2} << 30;   ///< of a worker, beyond its size at the start
    std::uint64_t temp_bytes = std::uint64_t{1} << 30;     ///< of a worker's temporary directory
    [[nodiscard]] bool operator==(const IsolationConfig&) const = default;
};

struct ScanConfig {
    std::uint32_t workers = 0;   ///< 0: as many as there are cores
    std::uint64_t max_artifact_bytes = std::uint64_t{1} << 30;
    std::chrono::milliseconds timeout{60'000};   ///< of one artifact; 0: none
    std::filesystem::path temp_dir;              ///< empty: the program chooses
    [[nodiscard]] bool operator==(const ScanConfig&) const = default;
};

struct CacheConfig {
    std::uint64_t memory_bytes = std::uint64_t{64} << 20;   ///< 0: nothing is remembered
    bool persistent = false;                                ///< in a file too, for the next start
    std::filesystem::path directory;                        ///< of that file; empty: the user's cache
    [[nodiscard]] bool operator==(const CacheConfig&) const = default;
};

struct LogConfig {
    LogLevel level = LogLevel::automatic;
    LogFormat format = LogFormat::automatic;
    [[nodiscard]] bool operator==(const LogConfig&) const = default;
};

/// Paths are absolute (relative ones start at the config file), or empty.
struct Config {
    std::string file;                  ///< as messages call it
    std::filesystem::path directory;   ///< of the file
    core::CombinerSettings combiner;
    TrustedFiles trusted;
    PluginsConfig plugins;
    IsolationConfig isolation;
    ScanConfig scan;
    CacheConfig cache;
    core::ServeSettings serve;
    core::HttpSettings http;
    core::ClamdSettings clamd;
    core::QueueSettings queue;
    bounty::MarketSettings polyswarm;
    LogConfig log;
    std::vector<BackendConfig> backends;   ///< in the order of the file, the disabled ones too
};

}   // namespace microengine::config
