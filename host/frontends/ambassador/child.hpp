// SPDX-License-Identifier: MIT
#pragma once
// An engine that was started here: `microengine serve` with a configuration, and its log.

#include "host/frontends/ambassador/market.hpp"
#include "host/util/mutex.hpp"
#include "host/util/result.hpp"
#include "host/util/unique_fd.hpp"

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

namespace microengine::ambassador {

/// Main thread. It dies with the thread that started it, whatever ends that.
class Child {
public:
    /// `program` --config `config` serve, logging everything as JSON. Of the environment it gets no secret,
    /// and no service manager.
    [[nodiscard]] static util::Result<std::unique_ptr<Child>> start(const std::filesystem::path& program,
                                                                    const std::filesystem::path& config);
    /// Kills it, if it has not ended.
    ~Child();
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    /// Where its HTTP server listens, once it does. An error: it ended instead, or the time came; with what
    /// it said last.
    [[nodiscard]] util::Result<std::string> address(Clock::time_point until);
    void signal(int number);
    /// Its exit code, or 128 and the signal that ended it. Nothing: it has not ended by that time.
    [[nodiscard]] std::optional<int> wait(Clock::time_point until);
    /// All it has logged so far; of one that has ended, all.
    [[nodiscard]] std::string log();

private:
    Child(pid_t pid, util::UniqueFd pidfd, util::UniqueFd log);
    void read_log(const std::stop_token& stop);
    [[nodiscard]] std::string last_words();

    const pid_t pid_;
    util::UniqueFd pidfd_;
    util::UniqueFd log_fd_;
    std::optional<int> code_;
    util::Mutex mutex_;
    util::Condition changed_;
    std::string log_ ME_GUARDED_BY(mutex_);
    std::optional<std::string> address_ ME_GUARDED_BY(mutex_);
    bool ended_ ME_GUARDED_BY(mutex_) = false;   // its log has
    std::jthread reader_;                        // last: it ends before what it uses
};

/// "127.0.0.1:41234" of the line that says where the HTTP server listens; nothing: the line says something
/// else.
[[nodiscard]] std::optional<std::string> listening_address(std::string_view line);

}   // namespace microengine::ambassador
