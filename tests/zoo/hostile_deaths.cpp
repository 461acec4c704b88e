// SPDX-License-Identifier: MIT
// Ways to die, to hang and to eat all memory. Volatile throughout: an optimiser may take undefined behaviour,
// and a loop without effects, for a promise that they are never reached.

#include "hostile.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <list>
#include <new>
#include <vector>

namespace hostile {

namespace me = microengine;

void segfault() {
    volatile std::uintptr_t nowhere = 8;
    for (;;) *reinterpret_cast<volatile int*>(nowhere) = 1;
}

void hang() {
    volatile std::uint64_t turns = 0;
    for (;;) turns = turns + 1;
}

namespace {

int deeper(volatile int* depth) {
    volatile char frame[4096];
    frame[0] = 1;
    *depth = *depth + 1;
    return *depth > 0 ? deeper(depth) + frame[0] : 0;   // the addition keeps it from becoming a loop
}

void stack_overflow(me::Scan&) {
    volatile int depth = 0;
    deeper(&depth);
}

/// SIGFPE on x86; elsewhere a division by zero may have a result. Of a constant numerator the compiler makes
/// a comparison.
void divide_by_zero(me::Scan&) {
    volatile int numerator = 42;
    volatile int zero = 0;
    numerator = numerator / zero;
}

/// Writing the blocks touches them. The exception frees them again.
void memory_bomb(me::Scan&) {
    std::list<std::vector<char>> hoard;
    for (;;) hoard.emplace_back(std::size_t{1} << 20, 'x');
}

void crash_after_find(me::Scan& scan) {
    scan.malicious("Hostile.Found", "Hostile");
    segfault();
}

/// Not derived from std::exception, so only catch (...) sees it.
struct Unheard {};

constexpr Trick kDeaths[] = {
    {"segfault", [](me::Scan&) { segfault(); }},
    {"abort", [](me::Scan&) { std::abort(); }},
    {"exit_0", [](me::Scan&) { ::_exit(0); }},
    {"exit_quietly", [](me::Scan&) { std::exit(0); }},
    {"hang", [](me::Scan&) { hang(); }},
    {"stack_overflow", &stack_overflow},
    {"divide_by_zero", &divide_by_zero},
    {"stop_itself", [](me::Scan&) { std::raise(SIGSTOP); }},
    {"throw_through", [](me::Scan&) { throw Unheard(); }},
    {"no_memory", [](me::Scan&) { throw std::bad_alloc(); }},
    {"memory_bomb", &memory_bomb},
    {"crash_after_find", &crash_after_find},
};

}   // namespace

std::span<const Trick> deaths() { return kDeaths; }

}   // namespace hostile
