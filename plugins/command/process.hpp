// SPDX-License-Identifier: MIT
#pragma once
// A program, started without a shell, in a session of its own, with three descriptors and nothing else of
// ours.

#include "plugins/support/fd.hpp"

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

namespace microengine::command {

struct Start {
    std::string program;
    std::vector<std::string> arguments;   ///< without the program's own name
    std::vector<std::string> environment;
    std::string folder;   ///< to begin in
    int in = -1, out = -1, err = -1;
};

/// Killed with its session's first group and buried, if it has not been already. One thread: when that ends,
/// so does the program.
class Process {
public:
    /// Throws microengine::Error when it cannot be started.
    explicit Process(const Start& start);
    ~Process() { (void)end(); }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    /// Can be read when it has ended.
    [[nodiscard]] int fd() const { return pidfd_.get(); }
    /// Kills its group, waits; its wait status, or -1: how it ended is lost.
    int end();

private:
    pid_t pid_ = -1;
    Fd pidfd_;
    int status_ = -1;
};

}   // namespace microengine::command
