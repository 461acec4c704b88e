// SPDX-License-Identifier: MIT
#include "host/plugin/sealed_copy.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U   // since Linux 6.3; older kernels refuse it and need it not
#endif

namespace microengine::plugin {

using util::Errc;
using util::Result;
using util::UniqueFd;

namespace {

constexpr int kSeals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

Result<UniqueFd> memory_file(const std::string& name) {
    int fd = ::memfd_create("microengine-plugin", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
    if (fd < 0 && errno == EINVAL) fd = ::memfd_create("microengine-plugin", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd >= 0) return UniqueFd(fd);
    if (errno == EACCES)
        return util::fail(Errc::plugin, name,
                          "cannot_open: this system forbids executable memory files; set the sysctl "
                          "vm.memfd_noexec to 0 or 1");
    return util::fail_errno(Errc::plugin, name, "cannot_open: no memory file for it", errno);
}

Result<void> copy_all(int from, int to, std::size_t size, const std::string& name) {
    std::size_t copied = 0;
    while (copied < size) {
        off_t offset = static_cast<off_t>(copied);
        const ssize_t sent = ::sendfile(to, from, &offset, size - copied);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return util::fail_errno(Errc::plugin, name, "not_found: cannot read it", errno);
        if (sent == 0)
            return util::fail(Errc::plugin, name, "truncated: it shrank while it was read; copy it again");
        copied += static_cast<std::size_t>(sent);
    }
    return {};
}

}   // namespace

SealedCopy::SealedCopy(SealedCopy&& other) noexcept
    : fd_(std::move(other.fd_)), kept_(other.kept_), bytes_(std::exchange(other.bytes_, {})) {}

SealedCopy& SealedCopy::operator=(SealedCopy&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(kept_, other.kept_);
    std::swap(bytes_, other.bytes_);
    return *this;
}

SealedCopy::~SealedCopy() {
    if (!bytes_.empty()) ::munmap(const_cast<std::uint8_t*>(bytes_.data()), bytes_.size());
}

Result<SealedCopy> SealedCopy::make(int fd, const std::filesystem::path& name) {
    struct stat status{};
    if (::fstat(fd, &status) != 0) return util::fail_errno(Errc::plugin, name.native(), "not_found", errno);
    const auto size = static_cast<std::size_t>(status.st_size);
    if (size > kMaxPluginBytes)
        return util::fail(Errc::plugin, name.native(),
                          "too_large: it has " + std::to_string(size) + " bytes, at most " +
                              std::to_string(kMaxPluginBytes) + " expected");
    if (size == 0) return util::fail(Errc::plugin, name.native(), "not_elf: it is empty");
    SealedCopy copy;
    copy.fd_ = ME_TRY(memory_file(name.native()));
    ME_CHECK(copy_all(fd, copy.fd_.get(), size, name.native()));
    if (::fcntl(copy.fd_.get(), F_ADD_SEALS, kSeals) != 0)
        return util::fail_errno(Errc::plugin, name.native(), "cannot seal its copy", errno);
    ME_CHECK(copy.map(size, name));
    return copy;
}

Result<SealedCopy> SealedCopy::adopt(UniqueFd fd, const std::filesystem::path& name) {
    struct stat status{};
    if (::fcntl(fd.get(), F_GET_SEALS) != kSeals || ::fstat(fd.get(), &status) != 0)
        return util::fail(Errc::plugin, name.native(), "its copy is not sealed");
    SealedCopy copy;
    copy.fd_ = std::move(fd);
    ME_CHECK(copy.map(static_cast<std::size_t>(status.st_size), name));
    return copy;
}

Result<void> SealedCopy::map(std::size_t size, const std::filesystem::path& name) {
    void* map = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd_.get(), 0);
    if (map == MAP_FAILED) return util::fail_errno(Errc::plugin, name.native(), "cannot map its copy", errno);
    bytes_ = {static_cast<const std::uint8_t*>(map), size};
    return {};
}

}   // namespace microengine::plugin
