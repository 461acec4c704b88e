// SPDX-License-Identifier: MIT
#include "host/plugin/temp_root.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string_view>
#include <system_error>
#include <utility>

namespace microengine::plugin {

namespace fs = std::filesystem;
using util::Errc;
using util::Result;

namespace {

constexpr std::string_view kPrefix = "microengine-scan-";   // then six random letters
constexpr int kTries = 5;
constexpr std::uint64_t kLeastRoom = std::uint64_t{1} << 30;

/// Memory is twice as fast for small artifacts, but a full disk is worse than a slow one: a container has
/// often 64 MB.
bool roomy(const char* path) {
    struct statvfs room{};
    return ::access(path, W_OK | X_OK) == 0 && ::statvfs(path, &room) == 0 &&
           room.f_bavail * room.f_frsize >= kLeastRoom;
}

fs::path default_base() {
    if (roomy("/dev/shm")) return "/dev/shm";
    std::error_code error;
    const fs::path system = fs::temp_directory_path(error);
    return error ? fs::path("/tmp") : system;
}

/// Removes the directories of processes that are gone: those nobody holds the lock of. Process ids would not
/// do: other containers may share this place. Only our own: their owner is checked, and links are not
/// followed.
void sweep(const fs::path& base) {
    std::error_code error;
    for (fs::directory_iterator entry(base, error), end; !error && entry != end; entry.increment(error)) {
        if (!entry->path().filename().native().starts_with(kPrefix)) continue;
        const util::UniqueFd fd(
            ::open(entry->path().c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        struct stat status{};
        if (!fd || ::fstat(fd.get(), &status) != 0 || status.st_uid != ::geteuid()) continue;
        if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) continue;
        std::error_code ignored;
        fs::remove_all(entry->path(), ignored);
    }
}

}   // namespace

TempRoot::TempRoot(fs::path base) : base_(std::move(base)) {}

TempRoot::~TempRoot() {
    std::error_code ignored;
    if (!root_.empty()) fs::remove_all(root_, ignored);
}

Result<fs::path> TempRoot::root() {
    if (!root_.empty()) return root_;
    const fs::path base = base_.empty() ? default_base() : base_;
    sweep(base);
    // Somebody who sweeps at this very moment may take it before it is locked: then there is another.
    for (int left = kTries;; --left) {
        std::string name = base / (std::string(kPrefix) + "XXXXXX");
        if (::mkdtemp(name.data()) == nullptr)   // mode 0700
            return util::fail_errno(Errc::io, base.native(), "no temporary directory can be made here",
                                    errno);
        // Held for life: whoever sweeps sees that somebody lives here.
        lock_.reset(::open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        const bool locked = lock_ && ::flock(lock_.get(), LOCK_EX | LOCK_NB) == 0;
        const int number = errno;
        if (locked && ::access(name.c_str(), F_OK) == 0) return root_ = name;
        if (left == 0) return util::fail_errno(Errc::io, name, "cannot lock it", number);
    }
}

Result<fs::path> TempRoot::make(const std::string& backend) {
    const std::scoped_lock lock(mutex_);
    std::string name = ME_TRY(root()) / (backend + "-XXXXXX");
    if (::mkdtemp(name.data()) == nullptr)
        return util::fail_errno(Errc::io, root_.native(), "no temporary directory can be made here", errno);
    return fs::path(name);
}

Result<fs::path> TempRoot::make_for(const std::string& backend, std::uint32_t user, std::uint32_t group) {
    fs::path path = ME_TRY(make(backend));
    if (user == 0) return path;
    const std::scoped_lock lock(mutex_);
    // It must get through the folder above, and see nothing else there.
    if (::chmod(root_.c_str(), S_IRWXU | S_IXGRP | S_IXOTH) != 0 || ::chown(path.c_str(), user, group) != 0)
        return util::fail_errno(Errc::io, path.native(), "cannot give it to user " + std::to_string(user),
                                errno);
    return path;
}

}   // namespace microengine::plugin
