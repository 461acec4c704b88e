// SPDX-License-Identifier: MIT
#include "host/frontends/clamd/roots.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace microengine::clamd {

namespace {

constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
constexpr int kTries = 16;

int open_below(int root, const std::string& path, std::uint64_t resolve) {
    open_how how{};
    how.flags = kFlags;
    how.resolve = resolve;
    // EAGAIN: something was renamed just then, and the kernel could not be sure of a "..".
    for (int tries = 1;; ++tries) {
        const auto fd = static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how));
        if (fd >= 0 || (errno != EAGAIN && errno != EINTR) || tries == kTries) return fd;
    }
}

/// "//a///b" is "/a/b" for the system, and it must be for the comparison with a root.
std::string with_single_slashes(std::string path) {
    const auto rest = std::ranges::unique(path, [](char a, char b) { return a == '/' && b == '/'; });
    path.erase(rest.begin(), rest.end());
    return path;
}

}   // namespace

Answer why_not(int error) {
    switch (error) {
        case ENOENT:
        case ENOTDIR:
            return failed("File path check failure: No such file or directory.");
        case ENXIO:
            return failed("Not supported file type");
        case EMFILE:
        case ENFILE:
        case ENOMEM:
        case EIO:
            return failed("Can't open file or directory");
        default:   // out of the root (EXDEV), links in a circle, no right: not this client's business which
            return failed("Access denied.");
    }
}

util::Result<Roots> Roots::open(const core::ClamdSettings& settings) {
    Roots roots;
    if (settings.paths == core::PathCommands::off) return roots;
    roots.any_ = settings.paths == core::PathCommands::any;
    for (const std::filesystem::path& path : settings.roots) {
        std::string name = with_single_slashes(path.native());
        while (name.size() > 1 && name.ends_with('/')) name.pop_back();
        util::UniqueFd fd(::open(name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        if (!fd) return util::fail_errno(util::Errc::config, name, "clamd.roots: cannot open it", errno);
        roots.roots_.push_back({.path = name == "/" ? "" : std::move(name), .fd = std::move(fd)});
    }
    std::ranges::sort(roots.roots_, std::greater(), [](const Root& root) { return root.path.size(); });
    return roots;
}

std::expected<OpenedPath, Answer> Roots::open_path(const std::string& named) const {
    if (!named.starts_with('/') || named.contains('\0')) return std::unexpected(failed("Access denied."));
    const std::string path = with_single_slashes(named);
    util::UniqueFd fd;
    if (any_) {
        fd.reset(open_below(AT_FDCWD, path, RESOLVE_NO_MAGICLINKS));
    } else {
        const auto root = std::ranges::find_if(roots_, [&path](const Root& candidate) {
            return path.starts_with(candidate.path) &&
                   (path.size() == candidate.path.size() || path[candidate.path.size()] == '/');
        });
        if (root == roots_.end()) return std::unexpected(failed("Access denied."));
        std::string below = path.substr(root->path.size());
        below.erase(0, below.find_first_not_of('/'));
        if (below.empty()) below.assign(1, '.');
        fd.reset(open_below(root->fd.get(), below, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS));
    }
    if (!fd) return std::unexpected(why_not(errno));
    struct stat status{};
    if (::fstat(fd.get(), &status) != 0) return std::unexpected(why_not(errno));
    if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
        return std::unexpected(failed("Not supported file type"));
    return OpenedPath{.fd = std::move(fd), .directory = S_ISDIR(status.st_mode)};
}

}   // namespace microengine::clamd
