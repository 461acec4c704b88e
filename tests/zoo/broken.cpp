// SPDX-License-Identifier: MIT
// Plugins that scan and find, and break one law or promise each: macro WRONG. None hurts the machine. A host
// does not notice most of it; `microengine plugin check` must.

#include <microengine/plugin.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <clocale>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>
#include <thread>

namespace {

namespace me = microengine;

enum Wrong {
    LEAKS_MEMORY,
    LEAKS_DESCRIPTORS,
    LEAKS_SCANNERS,
    NONDETERMINISTIC,
    DEAF,
    UNREAD_SETTING,
    SIGNAL_HANDLER,
    PROCESS_WIDE,
    PRINTS,
    READS_BEYOND,
    WRITES_ARTIFACT,
    CLINGS,
    UNDECLARED_SETTING,
    BARE_CARD,
    DIES_IN_FORK,
    EXITS_IN_FORK,
    RACES,
    READS_FILE,
    ACCEPTS_ANYTHING,
    BAD_TEXTS,
    ECHOES_NAME,
    GIVES_UP,
    HOMESICK,
    FRAGILE,
    NOT_AGAIN,
};

constexpr std::uint32_t kPromises =
    ME_CAP_PARALLEL_SCANNERS | ME_CAP_FORK_AFTER_OPEN |
    (WRONG == HOMESICK || WRONG == EXITS_IN_FORK ? 0U : ME_CAP_DETERMINISTIC) |
    (WRONG == DEAF ? ME_CAP_POLLS_STOP : 0U);

char g_directory[] = "PATH=/nowhere";

void do_at_open(const me::Settings& settings) {
    static bool opened = false;
    if (WRONG == NOT_AGAIN && opened) throw me::Error(ME_E_FAILED, "it opens once a process");
    opened = true;
    if (WRONG == SIGNAL_HANDLER) std::signal(SIGUSR1, [](int) {});
    if (WRONG == UNDECLARED_SETTING) {
        me_string value{nullptr, 0};
        static_cast<void>(settings.host()->setting_string(settings.call(), "depht", 0, &value));
    }
    if (WRONG != PROCESS_WIDE) return;
    static_cast<void>(::chdir("/"));
    ::umask(0);
    std::setlocale(LC_ALL, "C.UTF-8");
    ::putenv(g_directory);
}

struct Broken {
    explicit Broken(const me::Settings& settings) : process(::getpid()) { do_at_open(settings); }
    pid_t process;
    mutable std::atomic<const void*> busy = nullptr;
    mutable std::atomic<int> scans = 0;

    struct Scanner {
        explicit Scanner(const Broken& of) : backend(of) {
            if (WRONG == LEAKS_SCANNERS) memory = static_cast<char*>(std::calloc(1, 4096));
        }
        void scan(me::Scan& scan) {
            misbehave(scan);
            const bool found = scan.text().find("EICAR") != std::string_view::npos;
            if (found && WRONG == BAD_TEXTS) return bad_texts(scan);
            if (found || (WRONG == CLINGS && clings)) scan.malicious("Broken.Eicar", "EICAR");
            clings = clings || found;
            scan.benign();
        }
        void misbehave(me::Scan& scan);
        static void bad_texts(me::Scan& scan) {
            scan.malicious("", "EICAR");
            scan.add({.name = "Broken.\xff\xfe", .detail = "[1, 2"});
        }
        const Broken& backend;
        char* memory = nullptr;
        bool clings = false;
    };
};

/// Asks nobody, for so much of the processor's time that it cannot be taken for a busy machine.
void be_deaf() {
    const auto worked = [] {
        timespec now{};
        ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
    };
    constexpr std::int64_t kMilliseconds = 1500;
    const std::int64_t end = worked() + (WRONG == DEAF ? kMilliseconds : 0);
    while (worked() < end) {
    }
}

void Broken::Scanner::misbehave(me::Scan& scan) {
    const int turn = backend.scans++;
    if (WRONG == LEAKS_MEMORY) memory = static_cast<char*>(std::calloc(1, 200));
    if (WRONG == LEAKS_DESCRIPTORS && turn % 32 == 0) static_cast<void>(::dup(0));
    if (WRONG == NONDETERMINISTIC && turn % 5 == 4) scan.suspicious("Broken.Sometimes");
    if (WRONG == DEAF && scan.size() > 1'000'000) be_deaf();
    if (WRONG == PRINTS) std::puts("scanning …");
    if (WRONG == READS_BEYOND && const_cast<volatile std::uint8_t*>(scan.data())[scan.size()] == 7)
        scan.partial();
    if (WRONG == WRITES_ARTIFACT && scan.size() > 0) const_cast<volatile std::uint8_t*>(scan.data())[0] = 0;
    if (WRONG == DIES_IN_FORK && ::getpid() != backend.process) std::abort();
    if (WRONG == EXITS_IN_FORK && ::getpid() != backend.process) ::_exit(0);
    if (WRONG == READS_FILE) ::close(::open("/etc/hostname", O_RDONLY | O_CLOEXEC));
    if (WRONG == FRAGILE && scan.text().substr(0, 2) == "PK" && scan.size() < 20) std::abort();
    // No canary is so large.
    const bool homeless = WRONG == HOMESICK && std::getenv("PATH") == nullptr;
    if ((WRONG == GIVES_UP || homeless) && scan.size() > 100'000) throw me::Error(ME_E_FAILED, "too much");
    if (WRONG == ECHOES_NAME)
        scan.add({.name = "Broken.Echo", .name_space = scan.label(), .verdict = ME_UNKNOWN});
    if (WRONG != RACES) return;
    backend.busy = this;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (backend.busy != this) scan.suspicious("Broken.Race");
}

}   // namespace

#define CARD me::Card("org.microengine.test." CARD_NAME, "1.0.0").promises(kPromises)
#define NAMED .name("Broken").vendor("Microengine").license("MIT")

#if defined(BARE)
ME_PLUGIN(Broken, CARD.setting(me::string("unexplained")))
#elif defined(SETTING)
ME_PLUGIN(Broken, CARD NAMED.setting(me::SETTING("depth").required().doc("is never read")))
#else
ME_PLUGIN(Broken, CARD NAMED)
#endif
