// SPDX-License-Identifier: MIT
#pragma once
// Everything that host, zygote and worker say to each other, as values. Private to one build: both sides
// compare kWireIdentity first. What comes from a worker is hostile until decode() has checked it.

#include "host/core/artifact.hpp"
#include "host/core/scan_result.hpp"
#include "host/core/setting.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::wire {

/// The digest of the sources that define the messages; of another build's: nothing is said to it.
extern const std::string_view kWireIdentity;
/// The exit status of a helper that was started by another build, and of one that was not started by a host.
inline constexpr int kOtherBuild = 65, kNotForPeople = 64;

/// How a worker is locked down once it has opened its scanner. Made by the host, carried out by the helper.
struct Jail {
    std::string seccomp;                   ///< sock_filter records; empty: no filter
    bool landlock = false;                 ///< a domain with only what follows
    std::uint32_t needs = 0;               ///< ME_NEED_*, as the card declares and the operator allows
    std::vector<std::string> read_paths;   ///< files and folders it may read
    bool own_processes = false;            ///< a process namespace, of which the worker is the first
    std::uint64_t memory_bytes = 0;        ///< private memory beyond the warmed-up size; 0: no limit
    std::uint64_t temp_bytes = 0;          ///< size of the private temporary file system; 0: not mounted
    std::uint64_t file_bytes = 0;          ///< largest file it may write
    std::uint32_t user = 0, group = 0;     ///< to become, when the helper runs as root; 0: stay
};

// ---- host -> zygote

/// The first message, with the descriptor of the sealed plugin.
struct OpenBackend {
    std::string backend;       ///< its name, for the log
    std::string plugin;        ///< the file's path, for messages
    core::Settings settings;   ///< checked against the card
    std::uint64_t deadline_ns = 0;
    std::string temp_dir;   ///< while it opens; "": none
    Jail jail;              ///< of every worker
};
/// With three descriptors: the worker's socket, the socket for its fate, the control page.
struct StartWorker {
    bool in_this_process =
        false;                 ///< the plugin makes no fork promise: the helper itself becomes the worker
    bool full_probe = false;   ///< all canaries; else one, to touch the pages
    std::string temp_dir;      ///< of this worker alone; "": none
};

// ---- zygote -> host

/// It is open. Answers OpenBackend; the other answer is Refused.
struct Opened {
    std::optional<core::SignatureFacts> signatures;
    std::uint32_t threads = 1;   ///< of the zygote once it is open: more than one breaks the fork promise
};
/// "open_failed: …": the code and why. Also a worker's answer to StartWorker, when it fails its probe.
struct Refused {
    std::string place;   ///< of the setting at fault, or the backend's name
    std::string text;
};
/// On the fate socket, with the worker's pidfd.
struct Forked {
    std::int32_t pid = 0;
};
/// On the fate socket, the last word: a wait status.
struct Died {
    std::int32_t status = 0;
};

// ---- host -> worker

/// With up to two descriptors: the memory file unless the worker has mapped it already, and a file of exactly
/// the artifact's bytes for plugins that need one.
struct ScanArtifact {
    std::uint64_t number = 0;   ///< of this worker's scans: its answer says which one it is of
    core::ArtifactType type = core::ArtifactType::file;
    bool all_matches = true;
    bool truncated = false;
    bool with_memory = false;                ///< a descriptor of the memory file comes with this message
    bool with_file = false;                  ///< and one for ME_NEED_FD
    bool keep_memory = false;                ///< it will be used again: leave it mapped
    std::uint64_t memory_bytes = 0;          ///< what to map
    std::uint64_t size = 0;                  ///< the artifact: the first bytes of the memory
    std::uint64_t deadline_ns = 0;           ///< of the artifact
    std::uint64_t backend_deadline_ns = 0;   ///< of this backend
    std::optional<util::Sha256> sha256;
    std::string name, mime;
};

// ---- worker -> host

/// Probed and locked down. Also of a zygote, before Opened: the plugin is loaded, and now opens its backend.
struct Ready {};
struct Found {
    core::Detection detection;
};
struct Said {
    std::uint8_t level = 0;   ///< util::Level
    std::string text;
};
/// Ends a scan: all of the scan result but the detections, which came before it, and the backend.
struct Done {
    std::uint64_t number = 0;   ///< the ScanArtifact's
    core::ScanResult result;
};

}   // namespace microengine::wire
