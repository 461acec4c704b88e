// SPDX-License-Identifier: GPL-2.0-only
#pragma once
// The directory into which libclamav unpacks. It belongs to the engine, which all scanners of a process
// share, but every worker process has a directory of its own: so the first scanner opened in a process sets
// it.

#include <clamav.h>
#include <sys/types.h>

#include <mutex>
#include <string>

namespace microengine::clamav {

class TempDir {
public:
    /// For a scanner that opens. Throws microengine::Error when nothing can be written there. Any thread.
    void acquire(cl_engine& engine, const std::string& path);
    /// For a scanner that closes. Any thread.
    void release() noexcept;
    /// Is it still there? For an open scanner, any thread.
    [[nodiscard]] bool usable() const noexcept;
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    std::mutex mutex_;
    std::string path_;    // changes only while no scanner of this process is open
    pid_t process_ = 0;   // a fork starts anew
    int scanners_ = 0;
};

}   // namespace microengine::clamav
