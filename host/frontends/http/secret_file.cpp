// SPDX-License-Identifier: MIT
#include "host/frontends/http/secret_file.hpp"

#include "host/util/unique_fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace microengine::http {

namespace {

using util::Errc;
using util::fail;
using util::fail_errno;

util::Result<util::UniqueFd> open_secret(const std::filesystem::path& file, std::size_t max_bytes) {
    // Without waiting: what is named may be a pipe.
    util::UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd) return fail_errno(Errc::config, file.native(), "cannot be read", errno);
    struct stat status{};
    if (::fstat(fd.get(), &status) != 0)
        return fail_errno(Errc::config, file.native(), "cannot be read", errno);
    if (!S_ISREG(status.st_mode)) return fail(Errc::config, file.native(), "is no regular file");
    if (static_cast<std::size_t>(status.st_size) > max_bytes)
        return fail(Errc::config, file.native(), "has more than " + std::to_string(max_bytes) + " bytes");
    if ((status.st_mode & (S_IRWXO | S_IWGRP)) != 0)
        return fail(Errc::config, file.native(),
                    "others than its owner and group may read it, or others than its owner may write to it; "
                    "chmod 640 it");
    if (status.st_uid != 0 && status.st_uid != ::geteuid())
        return fail(Errc::config, file.native(), "belongs to another user than root and the one who serves");
    return fd;
}

}   // namespace

util::Result<void> check_secret(const std::filesystem::path& file, std::size_t max_bytes) {
    ME_CHECK(open_secret(file, max_bytes));
    return {};
}

util::Result<std::string> read_secret(const std::filesystem::path& file, std::size_t max_bytes) {
    const util::UniqueFd fd = ME_TRY(open_secret(file, max_bytes));
    std::string text(max_bytes, '\0');
    std::size_t size = 0;
    for (;;) {
        const ssize_t got = ::read(fd.get(), text.data() + size, text.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_errno(Errc::config, file.native(), "cannot be read", errno);
        if (got == 0) break;
        size += static_cast<std::size_t>(got);
    }
    text.resize(size);
    return text;
}

}   // namespace microengine::http
