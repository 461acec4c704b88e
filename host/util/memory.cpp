// SPDX-License-Identifier: MIT
#include "host/util/memory.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

namespace microengine::util {

namespace {

namespace fs = std::filesystem;

std::optional<std::uint64_t> number_in(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} ? std::optional(number) : std::nullopt;
}

std::optional<std::uint64_t> number_of(const fs::path& file) {
    std::ifstream in(file);
    std::string text;
    return std::getline(in, text) ? number_in(text) : std::nullopt;   // "max" is no number
}

std::uint64_t machine_available() {
    std::ifstream in("/proc/meminfo");
    constexpr std::string_view name = "MemAvailable:";
    for (std::string line; std::getline(in, line);) {
        if (!line.starts_with(name)) continue;
        const std::size_t digit = line.find_first_of("0123456789");
        if (digit == std::string::npos) break;
        const auto kibibytes = number_in(std::string_view(line).substr(digit));
        return kibibytes ? *kibibytes * 1024 : kUnknownMemory;
    }
    return kUnknownMemory;
}

/// Of version 2: "0::/system.slice/microengine.service".
std::string own_group() {
    std::ifstream in("/proc/self/cgroup");
    for (std::string line; std::getline(in, line);)
        if (line.starts_with("0::/")) return line.substr(4);
    return "";
}

/// Files that could be read again count as used there; what is left is at least this.
std::uint64_t group_available() {
    const fs::path top = "/sys/fs/cgroup";
    std::uint64_t least = kUnknownMemory;
    for (fs::path group = top / own_group();; group = group.parent_path()) {
        const auto most = number_of(group / "memory.max");
        const auto used = number_of(group / "memory.current");
        if (most && used) least = std::min(least, *most - std::min(*most, *used));
        if (group == top || !group.has_relative_path()) return least;
    }
}

}   // namespace

std::uint64_t resident_bytes(pid_t process) {
    std::ifstream in("/proc/" + std::to_string(process) + "/statm");
    std::uint64_t size = 0;
    std::uint64_t resident = 0;
    in >> size >> resident;
    return in ? resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

std::uint64_t available_memory() { return std::min(machine_available(), group_available()); }

}   // namespace microengine::util
