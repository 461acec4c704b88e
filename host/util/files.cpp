// SPDX-License-Identifier: MIT
#include "host/util/files.hpp"

#include "host/util/unique_fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>

namespace microengine::util {

namespace fs = std::filesystem;

Result<std::string> read_file(const fs::path& path, std::size_t max_bytes) {
    // O_NONBLOCK: opening a FIFO must not wait for a writer.
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!fd) return fail_errno(Errc::io, path.native(), "cannot open it", errno);
    struct stat status{};
    if (::fstat(fd.get(), &status) != 0) return fail_errno(Errc::io, path.native(), "cannot stat it", errno);
    if (S_ISDIR(status.st_mode)) return fail(Errc::io, path.native(), "is a directory, not a file");
    if (!S_ISREG(status.st_mode)) return fail(Errc::io, path.native(), "is not a regular file");
    std::string text;
    char buffer[64 * 1024];
    for (;;) {
        const ssize_t got = ::read(fd.get(), buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_errno(Errc::io, path.native(), "cannot read it", errno);
        if (got == 0) return text;
        text.append(buffer, static_cast<std::size_t>(got));
        if (text.size() > max_bytes)
            return fail(Errc::limit, path.native(), "is larger than " + std::to_string(max_bytes) + " bytes");
    }
}

fs::path user_cache() {
    // NOLINTBEGIN(concurrency-mt-unsafe): nobody changes the environment
    if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache == '/') return cache;
    if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/')
        return fs::path(home) / ".cache";
    // NOLINTEND(concurrency-mt-unsafe)
    return {};
}

Layout layout() {
    std::error_code ignored;
    const fs::path bin = fs::read_symlink("/proc/self/exe", ignored).parent_path();
    const fs::path prefix = bin.parent_path();
    // Not by the name of the folder alone: below a prefix such as /opt anything may be called so.
    if (fs::exists(bin / "microengine-backend", ignored) && fs::exists(prefix / "plugins", ignored))
        return {prefix / "plugins", prefix / "config", bin / "microengine-backend", prefix / "template"};
    return {prefix / "lib/microengine/plugins", prefix / "share/microengine",
            prefix / "libexec/microengine/microengine-backend", prefix / "share/microengine/template"};
}

}   // namespace microengine::util
