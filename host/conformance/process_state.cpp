// SPDX-License-Identifier: MIT
#include "host/conformance/process_state.hpp"

#include "host/util/text.hpp"

#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <clocale>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

namespace microengine::conformance {

namespace fs = std::filesystem;

namespace {

std::uint64_t entries(const char* directory) {
    std::error_code error;
    const fs::directory_iterator all(directory, error);
    return error ? 0 : static_cast<std::uint64_t>(std::distance(begin(all), end(all)));
}

std::map<int, std::string> open_descriptors() {
    std::map<int, std::string> all;
    std::error_code error;
    for (fs::directory_iterator entry("/proc/self/fd", error), last; !error && entry != last;
         entry.increment(error)) {
        const int fd = std::stoi(entry->path().filename().native());
        std::error_code closed;
        const fs::path what = fs::read_symlink(entry->path(), closed);
        // The one that reads the directory is gone by now.
        if (!closed && !what.native().ends_with("/fd")) all.emplace(fd, what.native());
    }
    return all;
}

void compare_descriptors(const ProcessState& before, const ProcessState& after, std::vector<Finding>& found) {
    for (const auto& [fd, what] : after.descriptors)
        if (!before.descriptors.contains(fd))
            found.push_back({.reason = "it left descriptor " + std::to_string(fd) + " open: " + what,
                             .fix = "close what you open when the backend closes, on every way out"});
    for (const auto& [fd, what] : before.descriptors)
        if (!after.descriptors.contains(fd))
            found.push_back(
                {.reason = "it closed descriptor " + std::to_string(fd) + ", which was not its own: " + what,
                 .fix = "close a descriptor once, and forget its number"});
}

void compare_process(const ProcessState& before, const ProcessState& after, std::vector<Finding>& found) {
    const auto changed = [&found](bool really, std::string what, std::string fix) {
        if (really) found.push_back({.reason = std::move(what), .fix = std::move(fix)});
    };
    changed(before.directory != after.directory, "it changed the working directory to " + after.directory,
            "law L7: chdir is the process's; use absolute paths, or openat");
    changed(before.umask != after.umask, "it changed the umask",
            "law L7: umask is the process's; give open() the mode, or fchmod");
    changed(before.locale != after.locale, "it changed the locale to " + after.locale,
            "law L7: setlocale is the process's; use newlocale and the functions that take one");
    changed(before.environment != after.environment, "it changed the environment",
            "law L7: setenv is the process's, and not safe with threads; hand it to the library otherwise");
    for (int number = 1; number < kSignals; ++number) {
        const auto at = static_cast<std::size_t>(number);
        const char* const name = ::sigabbrev_np(number);
        changed(before.handlers.at(at) != after.handlers.at(at),
                "it installed a handler for signal " +
                    (name == nullptr ? std::to_string(number) : std::string("SIG") + name),
                "law L7: handlers are the process's; tell the library not to install its own");
    }
}

}   // namespace

std::uint64_t threads_left(std::uint64_t before) {
    // The kernel lists a thread for a little while after it was joined.
    constexpr int tries = 20;
    constexpr auto moment = std::chrono::milliseconds(10);
    std::uint64_t now = entries("/proc/self/task");
    for (int i = 0; i < tries && now > before; ++i) {
        std::this_thread::sleep_for(moment);
        now = entries("/proc/self/task");
    }
    return now;
}

ProcessState process_state(const ProcessState* before) {
    ProcessState state;
    state.descriptors = open_descriptors();
    state.threads = before == nullptr ? entries("/proc/self/task") : threads_left(before->threads);
    for (int number = 1; number < kSignals; ++number) {
        struct sigaction action{};
        if (::sigaction(number, nullptr, &action) == 0)
            state.handlers.at(static_cast<std::size_t>(number)) =
                reinterpret_cast<std::uintptr_t>(action.sa_sigaction);
    }
    std::error_code error;
    state.directory = fs::current_path(error).native();
    state.umask = ::umask(0);
    (void)::umask(state.umask);
    if (const char* const locale = ::setlocale(LC_ALL, nullptr))
        state.locale = locale;   // NOLINT(concurrency-mt-unsafe): it only asks
    for (char** variable = environ; *variable != nullptr; ++variable)
        state.environment.emplace_back(*variable);
    return state;
}

std::vector<Finding> changes(const ProcessState& before, const ProcessState& after) {
    std::vector<Finding> found;
    compare_descriptors(before, after, found);
    if (after.threads > before.threads)
        found.push_back({.reason = "it left " + std::to_string(after.threads - before.threads) +
                                   " more threads running than there were",
                         .fix = "join every thread when the backend closes; none may be detached"});
    compare_process(before, after, found);
    return found;
}

Usage usage() {
    Usage now;
    std::ifstream statm("/proc/self/statm");
    std::uint64_t whole = 0, resident = 0;
    if (statm >> whole >> resident)
        now.resident = resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    const struct mallinfo2 heap = ::mallinfo2();
    now.allocated = heap.uordblks + heap.hblkhd;
    now.descriptors = entries("/proc/self/fd");
    now.threads = entries("/proc/self/task");
    return now;
}

std::vector<Finding> growth(const std::array<Usage, 3>& moments, std::uint64_t scans, bool memory) {
    std::vector<Finding> found;
    constexpr std::uint64_t resident_noise = std::uint64_t{8} << 20, heap_noise = std::uint64_t{16} << 10;
    // By which it grew at least, both times.
    const auto grew = [&moments](std::uint64_t Usage::* what) {
        const auto [first, second, third] = moments;
        if (second.*what <= first.*what || third.*what <= second.*what) return std::uint64_t{0};
        return std::min(second.*what - first.*what, third.*what - second.*what);
    };
    const std::string in = " in " + util::with_commas(scans) + " scans, and again in as many";
    if (const auto more = grew(&Usage::allocated); memory && more > std::max(heap_noise, scans * 8))
        found.push_back({.reason = "its memory grew by " + util::human_bytes(more) + in + ": " +
                                   std::to_string(more / scans) + " bytes a scan",
                         .fix = "free what a scan allocates on every way out, and bound what it remembers; "
                                "valgrind --leak-check=full shows where"});
    else if (const auto resident = grew(&Usage::resident); memory && resident > resident_noise)
        found.push_back({.reason = "the process grew by " + util::human_bytes(resident) + in,
                         .fix = "unmap what a scan maps, and bound what it remembers"});
    if (const auto more = grew(&Usage::descriptors); more > 0)
        found.push_back({.reason = "it leaked " + std::to_string(more) + " descriptors" + in,
                         .fix = "close what a scan opens on every way out; a worker has 256"});
    if (const auto more = grew(&Usage::threads); more > 0)
        found.push_back({.reason = "it left " + std::to_string(more) + " threads running" + in,
                         .fix = "join every thread before scan returns, as ME_NEED_THREADS says"});
    return found;
}

}   // namespace microengine::conformance
