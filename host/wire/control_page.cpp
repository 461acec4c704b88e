// SPDX-License-Identifier: MIT
#include "host/wire/control_page.hpp"

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdint>
#include <new>
#include <utility>

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

namespace microengine::wire {

using util::Errc;

namespace {

constexpr std::size_t kPage = 4096;
static_assert(CancelWord::is_always_lock_free && sizeof(std::atomic<std::uint32_t>) == 4);

const std::uint32_t* futex_of(const ControlWords& words) {
    return reinterpret_cast<const std::uint32_t*>(&words.cancellations);   // lock-free: it is its number
}

}   // namespace

util::Result<ControlPage> ControlPage::make() {
    ControlPage page;
    page.fd_.reset(::memfd_create("microengine-control", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!page.fd_ || ::ftruncate(page.fd_.get(), kPage) != 0)
        return util::fail_errno(Errc::io, "", "no memory for a control page", errno);
    void* map = ::mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED, page.fd_.get(), 0);
    if (map == MAP_FAILED) return util::fail_errno(Errc::io, "", "no memory for a control page", errno);
    page.words_ = ::new (map) ControlWords{core::Reason::none, 0};
    (void)::fcntl(page.fd_.get(), F_ADD_SEALS,
                  F_SEAL_FUTURE_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
    return page;
}

ControlPage::ControlPage(ControlPage&& other) noexcept
    : fd_(std::move(other.fd_)), words_(std::exchange(other.words_, nullptr)) {}

ControlPage& ControlPage::operator=(ControlPage&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(words_, other.words_);
    return *this;
}

ControlPage::~ControlPage() {
    if (words_ != nullptr) ::munmap(words_, kPage);
}

void ControlPage::cancel(core::Reason why) {
    words_->cancel.store(why);
    words_->cancellations.fetch_add(1);
    ::syscall(SYS_futex, futex_of(*words_), FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

const ControlWords* map_control_page(int fd) {
    void* map = ::mmap(nullptr, kPage, PROT_READ, MAP_SHARED, fd, 0);
    return map == MAP_FAILED ? nullptr : static_cast<const ControlWords*>(map);
}

std::uint32_t wait_for_cancellation(const ControlWords& words, std::uint32_t seen) {
    for (;;) {
        if (const std::uint32_t now = words.cancellations.load(); now != seen) return now;
        ::syscall(SYS_futex, futex_of(words), FUTEX_WAIT, seen, nullptr, nullptr, 0);
    }
}

}   // namespace microengine::wire
