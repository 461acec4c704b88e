// SPDX-License-Identifier: MIT
#pragma once
// What of a process a plugin must leave as it was: descriptors, threads, signal handlers, and what is one for
// the whole process. Taken before and after, and compared.

#include "host/conformance/notebook.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace microengine::conformance {

inline constexpr int kSignals = 65;

struct ProcessState {
    std::map<int, std::string> descriptors;   ///< and what they are
    std::uint64_t threads = 0;
    std::array<std::uintptr_t, kSignals> handlers{};
    std::string directory;
    std::uint32_t umask = 0;
    std::string locale;
    std::vector<std::string> environment;
};
/// Of this process; where `before` is given, threads that end are waited for. Descriptors of our own and of a
/// memory checker are in it, before and after.
[[nodiscard]] ProcessState process_state(const ProcessState* before = nullptr);
/// What has changed, a sentence each, and what to do about it.
[[nodiscard]] std::vector<Finding> changes(const ProcessState& before, const ProcessState& after);

/// Of this process, once those that have been joined are really gone; more than `before` are waited for a
/// moment.
[[nodiscard]] std::uint64_t threads_left(std::uint64_t before);

/// What a process uses. Memory in bytes.
struct Usage {
    std::uint64_t resident = 0, allocated = 0;
    std::uint64_t descriptors = 0, threads = 0;
};
[[nodiscard]] Usage usage();
/// Three moments, with `scans` between each two. What has grown both times, by more than allocators and
/// buffers do, is a leak. Memory is left out where it says nothing, as in a build with sanitizers.
[[nodiscard]] std::vector<Finding> growth(const std::array<Usage, 3>& moments, std::uint64_t scans,
                                          bool memory);

}   // namespace microengine::conformance
