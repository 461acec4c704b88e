// SPDX-License-Identifier: MIT
#pragma once
// Looking a little while before sleeping: waking a thread costs some 20 µs, being seen by one that looks 1
// µs.

#include <thread>

namespace microengine::util {

inline void pause_core() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("yield");
#endif
}

/// True as soon as it holds; false after some 20 to 50 µs, or at once where another core could not change it.
template <class Predicate>
[[nodiscard]] bool spin_until(Predicate holds) {
    static const bool alone = std::thread::hardware_concurrency() == 1;
    constexpr int looks = 1'000;
    for (int i = 0; i < (alone ? 1 : looks); ++i) {
        if (holds()) return true;
        pause_core();
    }
    return false;
}

}   // namespace microengine::util
