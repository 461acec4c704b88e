// SPDX-License-Identifier: MIT
#pragma once
// The settings, read and checked once.

#include "pattern.hpp"

#include <microengine/plugin.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace microengine::command {

/// What an exit code says. One that is in no list is a failure.
enum class Exit : std::uint8_t { failed, benign, suspicious, malicious, unsupported };

struct Options {
    /// Throws microengine::Error at the setting at fault.
    explicit Options(const Settings& settings);
    [[nodiscard]] Exit exit(int code) const;

    std::string program;
    std::vector<std::string> arguments;     ///< {file} stands for the artifact's path
    std::vector<std::string> environment;   ///< KEY=VALUE
    bool by_file = true;                    ///< else by standard input
    std::map<int, Exit> exits;
    std::optional<Pattern> detection, family;
    std::int32_t detection_verdict = ME_MALICIOUS;   ///< of a line, where the exit code says no more
    std::chrono::milliseconds timeout{0};            ///< 0: the host's deadline alone
    std::size_t max_output_bytes = 0;

private:
    void read_exits(const Settings& settings);
    void read_arguments(const Settings& settings);
    void read_environment(const Settings& settings);
};

}   // namespace microengine::command
