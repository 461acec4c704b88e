// SPDX-License-Identifier: GPL-2.0-only
#pragma once
// The plugin's settings, as libclamav wants them. Read once when the backend opens, constant afterwards.

#include "names.hpp"

#include <microengine/plugin.hpp>

#include <clamav.h>

#include <chrono>
#include <cstdint>

namespace microengine::clamav {

struct Options {
    /// Throws setting_error for what the card's table of settings cannot check.
    explicit Options(const Settings& settings);

    /// Sets limits and modes. Before the signatures are compiled.
    void apply(cl_engine& engine) const;

    std::uint32_t load;       ///< CL_DB_*: which signatures to load
    cl_scan_options scan{};   ///< of a scan in all-match mode
    Policy policy{};
    std::uint64_t max_file_bytes;
    std::chrono::milliseconds max_scan_time;

private:
    std::int64_t max_scan_bytes_, max_recursion_, max_files_, max_embedded_pe_bytes_, ac_max_depth_;
};

}   // namespace microengine::clamav
