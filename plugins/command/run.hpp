// SPDX-License-Identifier: MIT
#pragma once
// One run of a program: fed, read and watched until it ends or is ended.

#include "process.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace microengine::command {

struct Watch {
    std::function<bool()> stop;                    ///< asked every 20 ms
    std::chrono::steady_clock::time_point until;   ///< then it is killed
    std::size_t max_output_bytes = std::size_t{1} << 20;
};
struct Ended {
    enum class How : std::uint8_t { exited, signalled, late, stopped, lost };
    How how = How::lost;
    int code = 0;                 ///< exit code or signal
    std::string output, errors;   ///< what it wrote, cut
    bool cut = false;             ///< it wrote more to its standard output
    std::size_t unread = 0;       ///< bytes of `input` that it did not take
};

/// `by_pipe`: `input` is its standard input; else that is /dev/null. Throws microengine::Error when it cannot
/// be started. Reaps what it starts.
[[nodiscard]] Ended run(Start start, std::string_view input, bool by_pipe, const Watch& watch);

}   // namespace microengine::command
