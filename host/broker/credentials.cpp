// SPDX-License-Identifier: MIT
#include "host/broker/credentials.hpp"

#include "host/util/unique_fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

namespace microengine::broker {

namespace {

using util::Errc, util::fail;

constexpr std::size_t kMostBytes = 4096;   // of a file of credentials

/// What the descriptor gives, up to one byte more than may be.
util::Result<std::string> read_text(int fd, const std::string& place) {
    std::string text(kMostBytes + 1, '\0');
    const ssize_t got = ::pread(fd, text.data(), text.size(), 0);
    if (got < 0) return util::fail_errno(Errc::io, place, "cannot be read", errno);
    text.resize(static_cast<std::size_t>(got));
    return text;
}

}   // namespace

util::Result<Credentials> read_credentials(const std::filesystem::path& file) {
    const std::string& place = file.native();
    const util::UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    if (!fd) return util::fail_errno(Errc::config, place, "cannot be opened", errno);
    struct stat state{};
    if (::fstat(fd.get(), &state) != 0 || !S_ISREG(state.st_mode))
        return fail(Errc::config, place, "is no regular file");
    if ((state.st_mode & (S_IROTH | S_IWOTH | S_IWGRP)) != 0)
        return fail(Errc::config, place, "may be read or changed by others: chmod 0600 or 0640 it");
    const std::string text = ME_TRY(read_text(fd.get(), place));
    const std::string line = text.substr(0, text.find_first_of("\r\n"));
    const std::size_t colon = line.find(':');
    if (text.size() > kMostBytes || colon == std::string::npos || colon == 0 || line.contains('\0'))
        return fail(Errc::config, place, "must begin with a line user:password");
    return Credentials{.user = line.substr(0, colon), .password = line.substr(colon + 1)};
}

}   // namespace microengine::broker
