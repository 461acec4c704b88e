// SPDX-License-Identifier: MIT
// Plugins that go wrong when they are loaded, opened or unloaded, before any artifact is there: one macro
// each. Apart from that they are good: BAD in the text is malicious, anything else benign.

#include <microengine/plugin.hpp>

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

namespace me = microengine;

[[maybe_unused, noreturn]] void segfault() {
    volatile std::uintptr_t nowhere = 8;
    for (;;) *reinterpret_cast<volatile int*>(nowhere) = 1;
}

#ifdef LEAVES_THREAD
void leave_thread() {
    static pthread_mutex_t never = PTHREAD_MUTEX_INITIALIZER;
    ::pthread_mutex_lock(&never);
    pthread_t thread{};
    const auto wait_for_ever = [](void* mutex) -> void* {
        ::pthread_mutex_lock(static_cast<pthread_mutex_t*>(mutex));
        return nullptr;
    };
    if (::pthread_create(&thread, nullptr, wait_for_ever, &never) != 0)
        throw me::Error(ME_E_FAILED, "it was refused a thread");
}
#endif

struct LoadTime {
    explicit LoadTime(const me::Settings&) {
#ifdef LEAVES_THREAD
        leave_thread();
#endif
    }
    struct Scanner {
        explicit Scanner(const LoadTime&) {}
        void scan(me::Scan& scan) {
            if (scan.text().find("BAD") != std::string_view::npos) scan.malicious("LoadTime.Bad", "LoadTime");
            scan.benign();
        }
    };
};

#ifdef NO_FORK_PROMISE
constexpr std::uint32_t kPromises = ME_CAP_PARALLEL_SCANNERS;
#else
constexpr std::uint32_t kPromises = ME_CAP_PARALLEL_SCANNERS | ME_CAP_FORK_AFTER_OPEN;
#endif

}   // namespace

ME_PLUGIN(LoadTime, me::Card("org.microengine.test." CARD_NAME, "1.0.0")
                        .name("Load time")
                        .vendor("Microengine")
                        .license("MIT")
                        .promises(kPromises))

namespace {

#ifdef CONSTRUCTOR_CRASH
[[gnu::constructor]] void at_load() { segfault(); }
#endif
#ifdef CONSTRUCTOR_EXIT
[[gnu::constructor]] void at_load() { std::_Exit(77); }
#endif
#ifdef CONSTRUCTOR_HANG
[[gnu::constructor]] void at_load() {
    volatile std::uint64_t turns = 0;
    for (;;) turns = turns + 1;
}
#endif
#ifdef DESTRUCTOR_CRASH
[[gnu::destructor]] void at_unload() { segfault(); }
#endif
#ifdef LIES_NOTE
/// Its table points at the note, as it must, but the note in memory is no longer the one of the file.
[[gnu::constructor]] void at_load() {
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    auto* const promises = const_cast<volatile std::uint32_t*>(&me_plugin_entry_v1()->descriptor->caps);
    const auto start = reinterpret_cast<std::uintptr_t>(promises) / page * page;
    // Executable too: some linkers lay code and notes into one page.
    if (::mprotect(reinterpret_cast<void*>(start), page, PROT_READ | PROT_WRITE | PROT_EXEC) == 0)
        *promises = ME_CAP_PARALLEL_SCANNERS | ME_CAP_DETERMINISTIC;
}
#endif

}   // namespace
