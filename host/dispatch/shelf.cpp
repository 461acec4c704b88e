// SPDX-License-Identifier: MIT
#include "host/dispatch/shelf.hpp"

#include "host/util/log.hpp"
#include "host/util/unique_fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

namespace microengine::dispatch {

namespace {

using util::Errc, util::fail_errno;

constexpr mode_t kMode = 0640;   // the workers' group reads it

util::Result<void> write_all(int fd, std::span<const std::uint8_t> bytes, const std::string& place) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return fail_errno(Errc::io, place, "cannot be written", errno);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

/// "ID-SHA256" as put() makes them, or such a one unfinished: others may keep files there too.
bool is_ours(std::string_view name) {
    if (name.starts_with('.')) name.remove_prefix(1);
    constexpr std::size_t id = 32;
    return name.size() == id + 1 + 64 && name[id] == '-' &&
           name.find_first_not_of("0123456789abcdef") == id &&
           name.find_first_not_of("0123456789abcdef", id + 1) == std::string_view::npos;
}

}   // namespace

util::Result<void> Shelf::usable() const {
    if (!exists()) return {};
    struct stat state{};
    if (::stat(directory_.c_str(), &state) != 0)
        return fail_errno(Errc::config, directory_.native(), "queue.artifact_dir cannot be used", errno);
    if (!S_ISDIR(state.st_mode))
        return util::fail(Errc::config, directory_.native(), "queue.artifact_dir is no folder");
    if (::access(directory_.c_str(), W_OK | X_OK) != 0)
        return fail_errno(Errc::config, directory_.native(), "queue.artifact_dir cannot be written", errno);
    return {};
}

util::Result<std::string> Shelf::put(std::string_view id, const util::Sha256& digest,
                                     std::span<const std::uint8_t> bytes) const {
    std::string name = std::string(id) + "-" + util::hex(digest);
    const std::filesystem::path path = directory_ / name;
    const std::filesystem::path unfinished = directory_ / ("." + name);
    const util::UniqueFd fd(
        ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kMode));
    if (!fd) return fail_errno(Errc::io, unfinished.native(), "cannot be made", errno);
    // Whatever the umask takes away: the workers are other users, perhaps on other machines.
    if (::fchmod(fd.get(), kMode) != 0) {
        (void)::unlink(unfinished.c_str());
        return fail_errno(Errc::io, unfinished.native(), "cannot be made readable", errno);
    }
    auto written = write_all(fd.get(), bytes, unfinished.native());
    if (written && ::rename(unfinished.c_str(), path.c_str()) != 0)
        written = fail_errno(Errc::io, path.native(), "cannot be named", errno);
    if (written) return name;
    (void)::unlink(unfinished.c_str());
    return std::unexpected(std::move(written).error());
}

void Shelf::remove(const std::string& name) const {
    if (exists() && !name.empty()) (void)::unlink((directory_ / name).c_str());
}

void Shelf::sweep(std::chrono::milliseconds age) const {
    if (!exists()) return;
    const std::time_t oldest =
        std::time(nullptr) - std::chrono::duration_cast<std::chrono::seconds>(age).count();
    std::error_code error;
    std::size_t removed = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory_, error)) {
        struct stat state{};
        if (!is_ours(entry.path().filename().native())) continue;
        if (::lstat(entry.path().c_str(), &state) != 0 || !S_ISREG(state.st_mode) || state.st_mtime > oldest)
            continue;
        removed += ::unlink(entry.path().c_str()) == 0 ? 1 : 0;
    }
    if (removed != 0)
        util::log(util::Level::info, "artifacts_swept",
                  {{"folder", directory_.native()}, {"files", std::to_string(removed)}});
}

}   // namespace microengine::dispatch
