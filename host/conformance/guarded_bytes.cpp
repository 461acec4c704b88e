// SPDX-License-Identifier: MIT
#include "host/conformance/guarded_bytes.hpp"

#include <unistd.h>

#include <cstring>
#include <new>

namespace microengine::conformance {

GuardedBytes::GuardedBytes(std::string_view bytes) {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const std::size_t used = (bytes.size() + page - 1) / page * page;
    size_ = used + page;
    memory_ = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory_ == MAP_FAILED) throw std::bad_alloc();
    auto* const first = static_cast<std::uint8_t*>(memory_) + (used - bytes.size());
    if (!bytes.empty()) std::memcpy(first, bytes.data(), bytes.size());
    bytes_ = {first, bytes.size()};
    if (used > 0) (void)::mprotect(memory_, used, PROT_READ);
    (void)::mprotect(static_cast<std::uint8_t*>(memory_) + used, page, PROT_NONE);
}

}   // namespace microengine::conformance
