// SPDX-License-Identifier: GPL-2.0-only
#include "descriptor.hpp"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace microengine::clamav {

Descriptor::Descriptor() : number_(memfd_create("microengine-clamav", MFD_CLOEXEC)) {
    const timespec never[2]{};
    if (number_ >= 0 && futimens(number_, never) == 0) return;
    const int error = errno;
    if (number_ >= 0) close(number_);
    throw std::system_error(error, std::generic_category(), "memfd_create");
}

Descriptor::~Descriptor() { close(number_); }

}   // namespace microengine::clamav
