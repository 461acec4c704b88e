// SPDX-License-Identifier: MIT
#include "host/plugin/temp_root.hpp"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <system_error>
#include <utility>

namespace microengine::plugin {

namespace fs = std::filesystem;
using util::Errc;
using util::Result;

namespace {

constexpr std::string_view kPrefix = "microengine-";   // then the process id, a dash and six random letters

fs::path default_base() {
    if (::access("/dev/shm", W_OK | X_OK) == 0) return "/dev/shm";
    std::error_code error;
    const fs::path system = fs::temp_directory_path(error);
    return error ? fs::path("/tmp") : system;
}

/// Removes directories whose process is gone. Only our own: their owner is checked, and links are not
/// followed.
void sweep(const fs::path& base) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(base, ignored)) {
        const std::string name = entry.path().filename();
        if (!name.starts_with(kPrefix)) continue;
        pid_t owner = 0;
        const auto [end, error] =
            std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), owner);
        if (error != std::errc{} || end == name.data() + name.size() || *end != '-' || owner <= 0) continue;
        if (::kill(owner, 0) == 0 || errno != ESRCH) continue;
        struct stat status{};
        if (::lstat(entry.path().c_str(), &status) != 0 || !S_ISDIR(status.st_mode) ||
            status.st_uid != ::geteuid())
            continue;
        fs::remove_all(entry.path(), ignored);
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
    std::string name = base / (std::string(kPrefix) + std::to_string(::getpid()) + "-XXXXXX");
    if (::mkdtemp(name.data()) == nullptr)   // mode 0700
        return util::fail_errno(Errc::io, base.native(), "no temporary directory can be made here", errno);
    root_ = name;
    return root_;
}

Result<fs::path> TempRoot::make(const std::string& backend) {
    const std::scoped_lock lock(mutex_);
    std::string name = ME_TRY(root()) / (backend + "-XXXXXX");
    if (::mkdtemp(name.data()) == nullptr)
        return util::fail_errno(Errc::io, root_.native(), "no temporary directory can be made here", errno);
    return fs::path(name);
}

}   // namespace microengine::plugin
