// SPDX-License-Identifier: MIT
#pragma once
// A job as it crosses machines, microengine.job/1: JSON, written by our frontends or by any program that may
// publish to the queue. docs/scale-out.md has the table of keys. Pure; any thread.

#include "host/broker/queues.hpp"
#include "host/core/artifact.hpp"
#include "host/util/result.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace microengine::broker {

inline constexpr std::string_view kJobSchema = "microengine.job/1";

struct InlineBytes {
    std::string bytes;
};
struct SharedFile {
    std::string name;   ///< in queue.artifact_dir; no path
};
struct RemoteFile {
    std::string url;   ///< http or https; an S3 presigned one, for example
};

struct JobText {
    std::string id;   ///< [A-Za-z0-9_-]{1,64}; a result has the same
    Class urgency = Class::normal;
    core::ArtifactFacts artifact;   ///< name and type; size and digest are what the bytes must have
    std::variant<InlineBytes, SharedFile, RemoteFile> where;   ///< of a URL: its text, inline
    std::int64_t sent_unix_ms = 0;
    std::int64_t deadline_unix_ms = 0;      ///< 0: none
    std::chrono::milliseconds timeout{0};   ///< for the scan itself; 0: the worker's
    std::vector<std::string> backends;      ///< these only; empty: all
    bool all_matches = true;
    std::uint8_t detail = 1;   ///< 0: the verdict, 1: and the sentence, 2: and what would have changed it
    std::string generation;    ///< of the worker: its fingerprint must be this; empty: any
    std::string request;       ///< for logs; may be empty
};

[[nodiscard]] std::string to_json(const JobText& job);
/// From anybody. An error is a sentence; its place is the key.
[[nodiscard]] util::Result<JobText> job_from_json(std::string_view text);
/// 1 to 64 letters, digits, - and _.
[[nodiscard]] bool is_job_id(std::string_view id);

/// RFC 4648, with padding.
[[nodiscard]] std::string to_base64(std::string_view bytes);
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

}   // namespace microengine::broker
