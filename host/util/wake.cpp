// SPDX-License-Identifier: MIT
#include "host/util/wake.hpp"

#include <sys/eventfd.h>

#include <cerrno>
#include <system_error>

namespace microengine::util {

Wake::Wake() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!fd_) throw std::system_error(errno, std::generic_category(), "eventfd");
}

void Wake::up() const { (void)::eventfd_write(fd_.get(), 1); }

void Wake::heard() const {
    eventfd_t ignored = 0;
    (void)::eventfd_read(fd_.get(), &ignored);
}

}   // namespace microengine::util
