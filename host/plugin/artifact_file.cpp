// SPDX-License-Identifier: MIT
#include "host/plugin/artifact_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U   // since Linux 6.3; older kernels refuse it and need it not
#endif

namespace microengine::plugin {

util::UniqueFd artifact_file(std::span<const std::uint8_t> bytes) {
    util::UniqueFd fd(
        ::memfd_create("microengine-artifact", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL));
    if (!fd && errno == EINVAL)
        fd.reset(::memfd_create("microengine-artifact", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    for (std::size_t done = 0; fd && done < bytes.size();) {
        const ssize_t written = ::write(fd.get(), bytes.data() + done, bytes.size() - done);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return {};
        done += static_cast<std::size_t>(written);
    }
    if (fd) ::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
    return fd;
}

}   // namespace microengine::plugin
