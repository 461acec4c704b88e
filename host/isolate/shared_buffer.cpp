// SPDX-License-Identifier: MIT
#include "host/isolate/shared_buffer.hpp"

#include "host/util/unique_fd.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>
#include <utility>

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U   // since Linux 6.3; older kernels refuse it and need it not
#endif

namespace microengine::isolate {

namespace {

constexpr int kSeals = F_SEAL_FUTURE_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

std::uint64_t next_id() {
    static std::atomic<std::uint64_t> last = 0;
    return ++last;
}

/// A memory file and this process's writable view of it.
class Mapped {
public:
    Mapped() = default;
    /// Throws std::bad_alloc.
    explicit Mapped(std::size_t size) : fd_(create()), id_(next_id()) {
        if (!fd_ || ::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0) throw std::bad_alloc();
        void* map = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd_.get(), 0);
        if (map == MAP_FAILED) throw std::bad_alloc();
        bytes_ = {static_cast<std::uint8_t*>(map), size};
    }
    Mapped(Mapped&& other) noexcept
        : fd_(std::move(other.fd_)), id_(other.id_), bytes_(std::exchange(other.bytes_, {})) {}
    Mapped& operator=(Mapped&& other) noexcept {
        std::swap(fd_, other.fd_);
        std::swap(id_, other.id_);
        std::swap(bytes_, other.bytes_);
        return *this;
    }
    Mapped(const Mapped&) = delete;
    Mapped& operator=(const Mapped&) = delete;
    ~Mapped() {
        if (!bytes_.empty()) ::munmap(bytes_.data(), bytes_.size());
    }

    [[nodiscard]] std::span<std::uint8_t> bytes() const { return bytes_; }
    explicit operator bool() const { return !bytes_.empty(); }
    /// Before seal(). Throws std::bad_alloc.
    void grow(std::size_t size) {
        if (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0) throw std::bad_alloc();
        void* map = ::mremap(bytes_.data(), bytes_.size(), size, MREMAP_MAYMOVE);
        if (map == MAP_FAILED) throw std::bad_alloc();
        bytes_ = {static_cast<std::uint8_t*>(map), size};
    }
    /// From now on nobody else can write it or change its size. False: not on this kernel.
    [[nodiscard]] bool seal() const { return ::fcntl(fd_.get(), F_ADD_SEALS, kSeals) == 0; }
    [[nodiscard]] core::MemoryFile file(bool lasting) const {
        return {.fd = fd_.get(), .id = id_, .bytes = bytes_.size(), .lasting = lasting};
    }

private:
    static util::UniqueFd create() {
        util::UniqueFd fd(
            ::memfd_create("microengine-artifact", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL));
        if (!fd && errno == EINVAL)
            fd.reset(::memfd_create("microengine-artifact", MFD_CLOEXEC | MFD_ALLOW_SEALING));
        return fd;
    }

    util::UniqueFd fd_;
    std::uint64_t id_ = 0;
    std::span<std::uint8_t> bytes_;
};

class SharedBuffer final : public core::ArtifactBuffer {
public:
    explicit SharedBuffer(Mapped slot) : slot_(std::move(slot)) {}

    std::span<std::uint8_t> prepare(std::size_t size) override {
        large_ = {};
        if (size <= kSlotBytes) return in_slot(size);
        large_ = Mapped(size);
        return large_.bytes();
    }

    std::span<std::uint8_t> grow(std::size_t size, std::size_t keep) override {
        if (large_) {
            if (size > large_.bytes().size()) large_.grow(std::max(size, large_.bytes().size() * 2));
            return large_.bytes().first(size);
        }
        if (size <= kSlotBytes) return in_slot(size);
        Mapped larger(size);
        std::memcpy(larger.bytes().data(), slot_.bytes().data(), keep);
        large_ = std::move(larger);
        return large_.bytes();
    }

    core::MemoryFile share(std::size_t size) override {
        // A worker sees the artifact that it judges and nothing of those before.
        const std::size_t used = large_ ? 0 : size;
        if (written_ > used) std::memset(slot_.bytes().data() + used, 0, written_ - used);
        written_ = used;
        if (!large_) return slot_.file(true);
        return large_.seal() ? large_.file(false) : core::MemoryFile{};
    }

    void trim() override { large_ = {}; }

private:
    std::span<std::uint8_t> in_slot(std::size_t size) {
        written_ = std::max(written_, size);
        return slot_.bytes().first(size);
    }

    Mapped slot_;
    Mapped large_;              // empty: the artifact is in the slot
    std::size_t written_ = 0;   // of the slot, at most: what lies behind is zero
};

}   // namespace

std::unique_ptr<core::ArtifactBuffer> make_shared_buffer() {
    Mapped slot(kSlotBytes);
    if (!slot.seal()) return std::make_unique<core::ArtifactBuffer>();
    return std::make_unique<SharedBuffer>(std::move(slot));
}

}   // namespace microengine::isolate
