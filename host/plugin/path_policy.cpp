// SPDX-License-Identifier: MIT
#include "host/plugin/path_policy.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace microengine::plugin {

namespace fs = std::filesystem;
using util::Errc;
using util::Result;
using util::UniqueFd;

namespace {

UniqueFd open_without_links(const fs::path& path, int flags) {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
    how.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    return UniqueFd(static_cast<int>(::syscall(SYS_openat2, AT_FDCWD, path.c_str(), &how, sizeof how)));
}

std::unexpected<util::Error> unsafe(const fs::path& file, const std::string& text) {
    return util::fail(Errc::plugin, file.native(), "path_unsafe: " + text);
}

std::unexpected<util::Error> cannot_open(const fs::path& file, int number) {
    if (number == ENOENT || number == ENOTDIR)
        return util::fail(Errc::plugin, file.native(), "not_found: there is no such file");
    if (number == ELOOP) {
        std::error_code ignored;
        const fs::path real = fs::canonical(file, ignored);
        return unsafe(file, "the path goes through a symbolic link; name the file itself" +
                                (real.empty() ? std::string() : ", " + real.native()));
    }
    return util::fail_errno(Errc::plugin, file.native(), "cannot_open: it cannot be opened", number);
}

/// One step of the path: the file itself or a folder above it.
Result<void> check_step(const fs::path& file, const fs::path& step, const struct stat& status,
                        std::vector<std::string>& warnings) {
    const uid_t self = ::geteuid();
    if (status.st_uid != 0 && status.st_uid != self)
        return unsafe(file, step.native() + " belongs to user " + std::to_string(status.st_uid) +
                                ", who could replace it; chown it to root or to yourself");
    // In a sticky folder (such as /tmp) only the owner of an entry can replace it.
    const bool sticky = S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0;
    if ((status.st_mode & S_IWOTH) != 0 && !sticky)
        return unsafe(file, step.native() + " is writable by everybody; chmod o-w " + step.native());
    if ((status.st_mode & S_IWGRP) != 0 && !sticky) {
        const std::string text = step.native() + " is writable by group " + std::to_string(status.st_gid) +
                                 "; chmod g-w " + step.native();
        if (self == 0) return unsafe(file, text);
        warnings.push_back(file.native() + ": warning: path_unsafe: " + text);
    }
    return {};
}

}   // namespace

Result<UniqueFd> open_trusted(const fs::path& file, std::vector<std::string>& warnings) {
    if (!file.is_absolute()) return unsafe(file, "the path is not absolute");
    // O_NONBLOCK: opening a FIFO must not wait for a writer.
    UniqueFd opened = open_without_links(file, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (!opened) return cannot_open(file, errno);
    struct stat status{};
    if (::fstat(opened.get(), &status) != 0) return cannot_open(file, errno);
    if (!S_ISREG(status.st_mode)) return unsafe(file, "it is not a regular file");
    ME_CHECK(check_step(file, file, status, warnings));
    for (fs::path step = file.parent_path();; step = step.parent_path()) {
        const UniqueFd folder = open_without_links(step, O_PATH | O_DIRECTORY);
        if (!folder || ::fstat(folder.get(), &status) != 0) return cannot_open(step, errno);
        ME_CHECK(check_step(file, step, status, warnings));
        if (step == step.root_path()) return opened;
    }
}

}   // namespace microengine::plugin
