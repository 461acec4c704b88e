// SPDX-License-Identifier: GPL-2.0-only
#pragma once
// The backend: one compiled libclamav engine, shared by all scanners of the process and, after a fork, by the
// workers. Constant after construction but for what libclamav keeps per engine although it belongs to a scan
// or a process: the time limit and the temporary directory.

#include "handles.hpp"
#include "options.hpp"
#include "temp_dir.hpp"

#include <microengine/plugin.hpp>

#include <chrono>
#include <mutex>

namespace microengine::clamav {

class Scanner;

class Backend {
public:
    using Scanner = clamav::Scanner;
    explicit Backend(const Settings& settings);
    Backend(const Backend&) = delete;
    Backend& operator=(const Backend&) = delete;
    ~Backend() = default;

    [[nodiscard]] const Signatures& signatures() const { return signatures_; }
    [[nodiscard]] const Options& options() const { return options_; }
    [[nodiscard]] const cl_engine& engine() const { return *engine_; }
    [[nodiscard]] bool unpacks_rar() const { return unpacks_rar_; }
    [[nodiscard]] TempDir& temp_dir() const { return temp_dir_; }
    void use_temp_dir(const std::string& path) const { temp_dir_.acquire(*engine_, path); }

    /// Sets the time limit that the next scan will read as it starts. Hold the lock until it has. Any thread.
    [[nodiscard]] std::unique_lock<std::mutex> set_time_limit(std::chrono::milliseconds limit) const;

private:
    Options options_;
    Engine engine_;
    Signatures signatures_;
    bool unpacks_rar_;
    mutable TempDir temp_dir_;
    mutable std::mutex time_limit_mutex_;
};

}   // namespace microengine::clamav
