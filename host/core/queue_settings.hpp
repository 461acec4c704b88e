// SPDX-License-Identifier: MIT
#pragma once
// How scans are handed to other machines through a message broker: the [queue] table as a value. The defaults
// are those of the table of keys.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace microengine::core {

struct QueueSettings {
    std::string url;                          ///< amqp:// or amqps://; empty: scans stay in this process
    std::filesystem::path credentials_file;   ///< one line, "user:password"; empty: guest, of a fresh broker
    std::filesystem::path ca_file;            ///< PEM; empty: the system's authorities
    std::filesystem::path tls_certificate;    ///< of ours, for a broker that asks for one
    std::filesystem::path tls_key;
    std::string prefix = "microengine";   ///< of the names of all queues
    std::chrono::milliseconds heartbeat{10'000};
    std::chrono::milliseconds connect_timeout{5'000};
    std::uint32_t max_jobs = 10'000;       ///< that wait in one class; the broker refuses more
    std::uint32_t delivery_limit = 3;      ///< how often a job is given again after a worker was lost with it
    std::uint64_t inline_bytes = 65'536;   ///< artifacts up to this size travel in the job itself
    std::filesystem::path artifact_dir;    ///< larger ones: a folder that all machines see
    std::uint64_t max_artifact_bytes = std::uint64_t{100} << 20;   ///< a worker takes none larger
    std::chrono::milliseconds interactive_wait{30'000};   ///< for a worker, of a job that a client waits for
    std::chrono::milliseconds job_timeout{600'000};       ///< for jobs without a deadline of their own
    std::vector<std::string> allow_hosts;   ///< that workers may fetch from although they are not public
    [[nodiscard]] bool operator==(const QueueSettings&) const = default;
};

}   // namespace microengine::core
