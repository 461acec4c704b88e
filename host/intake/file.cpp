// SPDX-License-Identifier: MIT
#include "host/intake/file.hpp"

#include "host/intake/read.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <semaphore>
#include <utility>

namespace microengine::intake {

namespace {

constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
// Of a large file the kernel reads on by itself once somebody reads it.
constexpr off_t kReadAhead = off_t{4} << 20;

std::string cannot_open(int number, Links links) {
    if (number == ELOOP && links == Links::refuse)
        return "is a symbolic link now; it was a file when it was met";
    if (number == ENXIO) return "is a socket or a device without a driver, not a regular file";
    return "cannot open it: " + util::errno_text(number);
}

/// Of the descriptors this process may have, a quarter for files that wait: workers and helpers need some
/// too.
class Waits {
public:
    Waits() : ours_(room().try_acquire()) {}
    Waits(Waits&& other) noexcept : ours_(std::exchange(other.ours_, false)) {}
    Waits& operator=(Waits&&) = delete;
    Waits(const Waits&) = delete;
    Waits& operator=(const Waits&) = delete;
    ~Waits() {
        if (ours_) room().release();
    }
    explicit operator bool() const { return ours_; }

private:
    static std::counting_semaphore<>& room() {
        static std::counting_semaphore<> room = [] {
            rlimit limit{};
            if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = 0;
            return std::counting_semaphore<>(
                static_cast<std::ptrdiff_t>(std::min<rlim_t>(limit.rlim_cur / 4, 4096)));
        }();
        return room;
    }

    bool ours_;
};

util::UniqueFd open_place(const FilePlace& place) {
    const int at = place.directory ? place.directory->get() : AT_FDCWD;
    const int flags = kFlags | (place.links == Links::refuse ? O_NOFOLLOW : 0);
    return util::UniqueFd(::openat(at, place.path.c_str(), flags));
}

/// The loader has another try: it says what is wrong, unless that has passed.
struct Ahead {
    Waits waits;
    util::UniqueFd fd;
    std::uint64_t bytes = 0;
};

Ahead open_ahead(const FilePlace& place) {
    Ahead ahead;
    if (!ahead.waits) return ahead;
    ahead.fd = open_place(place);
    struct stat status{};
    if (!ahead.fd || ::fstat(ahead.fd.get(), &status) != 0) return ahead;
    ahead.bytes = static_cast<std::uint64_t>(status.st_size);
    // A hint: of what is no file, or cached, nothing is read.
    (void)::posix_fadvise(ahead.fd.get(), 0, kReadAhead, POSIX_FADV_WILLNEED);
    return ahead;
}

}   // namespace

WaitingFile open_file(FilePlace place, Limits limits) {
    Ahead ahead = open_ahead(place);
    const std::uint64_t bytes = ahead.bytes;
    if (ahead.fd) place.directory.reset();
    auto load = [place = std::move(place), ahead = std::move(ahead),
                 limits](core::ArtifactBuffer& buffer) mutable -> Loaded {
        Ahead taken = std::move(ahead);   // closed when it is read, not when the job ends
        if (!taken.fd) taken.fd = open_place(place);
        const int error = errno;
        place.directory.reset();
        if (!taken.fd)
            return not_loaded(std::move(place.name), util::Errc::io, cannot_open(error, place.links));
        return load_fd(taken.fd.get(), std::move(place.name), limits, buffer);
    };
    return {.load = std::move(load), .bytes = bytes};
}

core::ArtifactLoader file_loader(FilePlace place, Limits limits) {
    return open_file(std::move(place), limits).load;
}

core::ArtifactLoader file_loader(std::string path, Limits limits) {
    std::string name = path;
    return file_loader({.name = std::move(name), .path = std::move(path), .directory = nullptr}, limits);
}

}   // namespace microengine::intake
