// SPDX-License-Identifier: MIT
#include "host/intake/file.hpp"

#include "host/intake/read.hpp"

#include <fcntl.h>

#include <cerrno>
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

struct Opened {
    util::UniqueFd fd;
    int error = 0;
};

Opened open_place(const FilePlace& place) {
    const int at = place.directory ? place.directory->get() : AT_FDCWD;
    const int flags = kFlags | (place.links == Links::refuse ? O_NOFOLLOW : 0);
    Opened opened{.fd = util::UniqueFd(::openat(at, place.path.c_str(), flags))};
    if (!opened.fd) opened.error = errno;
    return opened;
}

bool out_of_descriptors(int error) { return error == EMFILE || error == ENFILE; }

}   // namespace

core::ArtifactLoader file_loader(FilePlace place, Limits limits) {
    Opened opened = open_place(place);
    if (opened.fd) {
        // A hint: of what is no file, or cached, nothing is read.
        (void)::posix_fadvise(opened.fd.get(), 0, kReadAhead, POSIX_FADV_WILLNEED);
        place.directory.reset();
    }
    return [place = std::move(place), opened = std::move(opened),
            limits](core::ArtifactBuffer& buffer) mutable -> Loaded {
        if (out_of_descriptors(opened.error)) opened = open_place(place);
        place.directory.reset();
        const Opened now = std::move(opened);   // closed when it is read, not when the job ends
        if (!now.fd)
            return not_loaded(std::move(place.name), util::Errc::io, cannot_open(now.error, place.links));
        return load_fd(now.fd.get(), std::move(place.name), limits, buffer);
    };
}

core::ArtifactLoader file_loader(std::string path, Limits limits) {
    std::string name = path;
    return file_loader({.name = std::move(name), .path = std::move(path), .directory = nullptr}, limits);
}

}   // namespace microengine::intake
