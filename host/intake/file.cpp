// SPDX-License-Identifier: MIT
#include "host/intake/file.hpp"

#include "host/intake/read.hpp"

#include <fcntl.h>

#include <cerrno>
#include <utility>

namespace microengine::intake {

namespace {

constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

std::string cannot_open(int number, Links links) {
    if (number == ELOOP && links == Links::refuse)
        return "is a symbolic link now; it was a file when it was met";
    if (number == ENXIO) return "is a socket or a device without a driver, not a regular file";
    return "cannot open it: " + util::errno_text(number);
}

}   // namespace

core::ArtifactLoader file_loader(FilePlace place, Limits limits) {
    return [place = std::move(place), limits](core::ArtifactBuffer& buffer) mutable -> Loaded {
        const int at = place.directory ? place.directory->get() : AT_FDCWD;
        const int flags = kFlags | (place.links == Links::refuse ? O_NOFOLLOW : 0);
        const util::UniqueFd fd(::openat(at, place.path.c_str(), flags));
        const int number = errno;
        place.directory.reset();
        if (!fd) return not_loaded(std::move(place.name), util::Errc::io, cannot_open(number, place.links));
        return load_fd(fd.get(), std::move(place.name), limits, buffer);
    };
}

core::ArtifactLoader file_loader(std::string path, Limits limits) {
    std::string name = path;
    return file_loader({.name = std::move(name), .path = std::move(path), .directory = nullptr}, limits);
}

}   // namespace microengine::intake
