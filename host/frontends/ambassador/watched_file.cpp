// SPDX-License-Identifier: MIT
#include "host/frontends/ambassador/watched_file.hpp"

#include <poll.h>
#include <sys/inotify.h>

#include <cerrno>

namespace microengine::ambassador {

util::Result<WatchedFile> WatchedFile::make(std::string_view text) {
    WatchedFile file;
    file.folder_ = ME_TRY(TempFolder::make());
    ME_CHECK(file.folder_->write("artifact", text));
    file.path_ = file.folder_->path() / "artifact";
    file.watch_.reset(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (!file.watch_ || ::inotify_add_watch(file.watch_.get(), file.path_.c_str(), IN_OPEN) < 0)
        return util::fail_errno(util::Errc::io, file.path_.native(), "cannot be watched", errno);
    return file;
}

bool WatchedFile::opened() const {
    pollfd state{.fd = watch_.get(), .events = POLLIN, .revents = 0};
    return ::poll(&state, 1, 0) > 0;
}

}   // namespace microengine::ambassador
