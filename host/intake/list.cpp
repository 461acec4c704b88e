// SPDX-License-Identifier: MIT
#include "host/intake/list.hpp"

#include "host/util/wait_fd.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace microengine::intake {

using util::Errc, util::fail, util::Result;

Result<PathList> PathList::open(const std::string& path, int stop) {
    if (path == "-") return PathList(STDIN_FILENO, "standard input", stop);
    util::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!fd) return util::fail_errno(Errc::io, path, "cannot open the list of paths", errno);
    return PathList(std::move(fd), path, stop);
}

Result<void> PathList::read_piece() {
    block_.erase(0, std::exchange(at_, 0));
    std::array<char, 16384> piece{};
    ssize_t got = 0;
    do got = util::wait_fd(fd_, util::Wanted::read, stop_) ? ::read(fd_, piece.data(), piece.size()) : 0;
    while (got < 0 && (errno == EINTR || errno == EAGAIN));
    ended_ = got <= 0;
    if (got < 0) return util::fail_errno(Errc::io, name_, "cannot read the list of paths", errno);
    block_.append(piece.data(), static_cast<std::size_t>(got));
    return {};
}

Result<std::optional<std::string>> PathList::entry() {
    std::size_t end = block_.find(separator_, at_);
    while (end == std::string::npos && !ended_ && block_.size() - at_ < kLookAhead) {
        ME_CHECK(read_piece());
        end = block_.find(separator_, at_);
    }
    if (end == std::string::npos && !ended_)
        return fail(Errc::limit, name_,
                    "entry " + std::to_string(entries_ + 1) + " has more than " + std::to_string(kLookAhead) +
                        " bytes; is this a list of paths?");
    if (end == std::string::npos) end = block_.size();
    std::string path = block_.substr(at_, end - at_);
    at_ = std::min(end + 1, block_.size());
    ++entries_;
    if (path.contains('\0'))
        return fail(Errc::usage, name_,
                    "entry " + std::to_string(entries_) +
                        " has a NUL byte, but the list began with lines; separate all paths by NUL or none");
    if (separator_ == '\n' && path.ends_with('\r')) path.pop_back();
    return path;
}

Result<std::optional<std::string>> PathList::next() {
    if (!std::exchange(started_, true)) {
        while (!ended_ && block_.size() < kLookAhead) ME_CHECK(read_piece());
        separator_ = block_.contains('\0') ? '\0' : '\n';
    }
    while (at_ < block_.size() || !ended_) {
        auto path = entry();
        if (!path) {   // after a broken entry nobody knows where the next one starts
            ended_ = true;
            block_.clear();
            at_ = 0;
            return path;
        }
        if (*path != "") return path;
    }
    return std::nullopt;
}

}   // namespace microengine::intake
