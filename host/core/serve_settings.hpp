// SPDX-License-Identifier: MIT
#pragma once
// How the daemon serves, as plain values: the configuration fills them, the frontends take them. Timeouts are
// durations; 0 is no limit only where it says so. The defaults are those of the table of keys.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace microengine::core {

using std::chrono::milliseconds;

/// How signatures are replaced by newer ones.
enum class ReloadMemory : std::uint8_t {
    automatic,   ///< overlap where there is memory enough, else replace
    overlap,     ///< the old ones stay until the new ones are loaded: nobody waits
    replace,     ///< the old ones go first: scans wait meanwhile
};

/// What all frontends share.
struct ServeSettings {
    std::uint32_t queue_jobs = 1000;                      ///< scans that may wait; more are refused
    std::uint64_t spool_bytes = std::uint64_t{4} << 30;   ///< of all artifacts that have arrived and wait
    std::filesystem::path spool_dir;                      ///< of large ones; empty: the program chooses
    milliseconds drain_timeout{30'000};                   ///< at the end, for what is in work
    bool watch = true;                                    ///< reload when signatures or the config change
    milliseconds settle{2'000};                           ///< how long they must rest before that
    ReloadMemory reload_memory = ReloadMemory::automatic;
    std::uint32_t max_signature_age_hours = 0;   ///< older: not ready; 0: any age
    [[nodiscard]] bool operator==(const ServeSettings&) const = default;
};

enum class PathCommands : std::uint8_t { roots, any, off };
enum class SuspiciousAs : std::uint8_t { found, ok };
enum class UnknownAs : std::uint8_t { error, limits };

/// The server that speaks ClamAV's protocol.
struct ClamdSettings {
    std::vector<std::string> listen;   ///< addresses; none: off
    std::string socket_mode = "0660";
    std::string socket_group;
    std::vector<std::string> allow_users;   ///< who may connect to a Unix socket; none: all that can
    std::vector<std::string> allow_peers;   ///< networks that may connect by TCP
    std::vector<std::string> admin_users;   ///< beside root and ourselves
    bool allow_shutdown = false;
    PathCommands paths = PathCommands::roots;
    std::vector<std::filesystem::path> roots;
    bool paths_on_tcp = false;
    SuspiciousAs suspicious_as = SuspiciousAs::found;
    UnknownAs unknown_as = UnknownAs::error;
    std::string version_compat = "1.4.6";
    std::uint32_t max_connections = 200;
    std::uint32_t session_pending = 16;
    std::uint64_t max_artifact_bytes = std::uint64_t{100} << 20;
    milliseconds scan_timeout{120'000};
    milliseconds command_timeout{30'000};
    milliseconds read_timeout{120'000};
    milliseconds fd_wait_timeout{300'000};
    milliseconds send_timeout{10'000};
    milliseconds linger{2'000};
    milliseconds oversize_linger{30'000};
    [[nodiscard]] bool operator==(const ClamdSettings&) const = default;
};

/// The HTTP API.
struct HttpSettings {
    std::vector<std::string> listen;   ///< addresses; none: off
    std::string socket_mode = "0660";
    std::string socket_group;
    std::filesystem::path tokens_file;   ///< empty: whoever reaches a local address may scan
    std::filesystem::path tls_certificate;
    std::filesystem::path tls_key;
    std::uint32_t max_connections = 1000;
    std::uint64_t max_artifact_bytes = std::uint64_t{100} << 20;
    std::uint32_t max_artifacts = 64;   ///< in one request
    milliseconds scan_timeout{60'000};
    milliseconds header_timeout{10'000};
    milliseconds body_timeout{30'000};   ///< between two pieces of a body
    milliseconds send_timeout{30'000};
    milliseconds keep_alive{60'000};
    std::uint32_t max_jobs = 10'000;   ///< that are remembered, done or not
    milliseconds job_ttl{3'600'000};   ///< how long after they are done
    [[nodiscard]] bool operator==(const HttpSettings&) const = default;
};

}   // namespace microengine::core
