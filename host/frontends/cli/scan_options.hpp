// SPDX-License-Identifier: MIT
#pragma once
// What the scan command was asked to do: its options as values.

#include "host/core/combiner_settings.hpp"
#include "host/report/tally.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace microengine::cli {

enum class Format : std::uint8_t { text, json, ndjson, sarif, clamscan };
enum class When : std::uint8_t { automatic, always, never };

struct ScanOptions {
    std::vector<std::string> paths;   ///< "-" is standard input
    std::vector<std::string> urls;
    std::string file_list;   ///< "" for none, "-" for standard input
    Format format = Format::text;
    bool explain = false;
    bool finds_only = false;   ///< --infected
    bool quiet = false;        ///< no results, no summary; errors and the exit code remain
    bool no_summary = false;
    bool one_file_system = false;
    When progress = When::automatic;
    report::FailOn fail_on = report::FailOn::suspicious;

    // Over the configuration.
    std::optional<core::Strategy> strategy;
    std::optional<std::uint64_t> max_bytes;
    std::optional<std::chrono::nanoseconds> timeout;   ///< 0: none
    bool cache = false;                                ///< remember across starts
    std::size_t jobs = 0;                              ///< 0: as configured

    // Instead of it.
    std::string plugin;                  ///< one plugin file, tried without any configuration
    std::vector<std::string> settings;   ///< key=value for it
};

}   // namespace microengine::cli
