// SPDX-License-Identifier: GPL-2.0-only
#include "temp_dir.hpp"

#include <microengine/plugin.hpp>

#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace microengine::clamav {
namespace {

void check_writable(const std::string& path) {
    std::string probe = path + "/probe-XXXXXX";
    const int fd = mkstemp(probe.data());
    const bool written = fd >= 0 && write(fd, "x", 1) == 1;
    const int error = errno;
    if (fd >= 0) {
        close(fd);
        unlink(probe.c_str());
    }
    if (!written)
        throw Error(ME_E_FAILED, "the temporary directory " + path +
                                     " cannot be written: " + std::generic_category().message(error));
}

}   // namespace

void TempDir::acquire(cl_engine& engine, const std::string& path) {
    check_writable(path);
    const std::lock_guard lock(mutex_);
    if (process_ != getpid()) {
        process_ = getpid();
        scanners_ = 0;
    }
    if (scanners_ == 0) {
        if (cl_engine_set_str(&engine, CL_ENGINE_TMPDIR, path.c_str()) != CL_SUCCESS) throw std::bad_alloc();
        path_ = path;
    }
    ++scanners_;
}

void TempDir::release() noexcept {
    const std::lock_guard lock(mutex_);
    if (process_ == getpid()) --scanners_;
}

bool TempDir::usable() const noexcept { return access(path_.c_str(), W_OK | X_OK) == 0; }

}   // namespace microengine::clamav
