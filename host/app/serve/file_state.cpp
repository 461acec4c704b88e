// SPDX-License-Identifier: MIT
#include "host/app/serve/file_state.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>
#include <utility>

namespace microengine::app {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kSecond = 1'000'000'000;

/// Downloads and editors make these before the real file has its name.
bool unfinished(std::string_view name) {
    constexpr std::array<std::string_view, 2> own_records{"freshclam.dat", "mirrors.dat"};
    return name.starts_with('.') || name.starts_with("tmp.") || name.ends_with(".tmp") ||
           name.ends_with('~') || std::ranges::find(own_records, name) != own_records.end();
}

FileStamp stamp_of(const fs::path& path, const struct stat& found) {
    return {.path = path.native(),
            .device = found.st_dev,
            .inode = found.st_ino,
            .size = S_ISDIR(found.st_mode) ? 0 : static_cast<std::uint64_t>(found.st_size),
            .modified_ns = found.st_mtim.tv_sec * kSecond + found.st_mtim.tv_nsec,
            .changed_ns = found.st_ctim.tv_sec * kSecond + found.st_ctim.tv_nsec};
}

void add_file(const fs::path& path, std::vector<FileStamp>& out) {
    struct stat found{};
    out.push_back(::stat(path.c_str(), &found) == 0 ? stamp_of(path, found)
                                                    : FileStamp{.path = path.native()});
}

void add_below(const fs::path& directory, std::vector<FileStamp>& out) {
    std::error_code error;
    fs::recursive_directory_iterator entry(directory, fs::directory_options::skip_permission_denied, error);
    for (const fs::recursive_directory_iterator end; !error && entry != end; entry.increment(error)) {
        if (out.size() >= kMostFiles) return;
        std::error_code ignored;
        const bool is_directory = entry->is_directory(ignored) && !entry->is_symlink(ignored);
        if (unfinished(entry->path().filename().native())) {
            if (is_directory) entry.disable_recursion_pending();
            continue;
        }
        // A directory's own times tell of unfinished files too.
        if (!is_directory) add_file(entry->path(), out);
    }
}

/// "/rules/*/a?.yar" starts in "/rules".
fs::path start_of(const fs::path& path) {
    fs::path start = path;
    while (start.native().find_first_of("*?[") != std::string::npos) start = start.parent_path();
    return start;
}

}   // namespace

std::uint64_t FileState::bytes() const {
    std::uint64_t all = 0;
    for (const FileStamp& file : files) all += file.size;
    return all;
}

FileState file_state(std::span<const fs::path> paths) {
    FileState state;
    for (const fs::path& given : paths) {
        std::error_code error;
        const fs::path path = fs::exists(given, error) ? given : start_of(given);
        if (fs::is_directory(path, error))
            add_below(path, state.files);
        else
            add_file(path, state.files);
    }
    std::ranges::sort(state.files);
    return state;
}

}   // namespace microengine::app
