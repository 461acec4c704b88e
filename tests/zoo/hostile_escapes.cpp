// SPDX-License-Identifier: MIT
// Reaching for what is not the worker's: files, network, processes, the host's descriptors and memory.
// Straight system calls, each the first of its kind that an attacker would try.

#include "hostile.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <random>

namespace hostile {

namespace me = microengine;

namespace {

constexpr int kMostDescriptors = 256;
constexpr int kMostProcesses = 256;   // enough to tell; a jail that does not hold must not cost the machine
constexpr int kMostThreads = 4096;    // the same

void open_shadow(me::Scan& scan) {
    if (::open("/etc/shadow", O_RDONLY | O_CLOEXEC) >= 0) escaped(scan);
}

void connect_out(me::Scan& scan) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return;
    sockaddr_in peer{};
    peer.sin_family = AF_INET;
    peer.sin_port = htons(9);
    peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    static_cast<void>(::connect(fd, reinterpret_cast<const sockaddr*>(&peer), sizeof peer));
    escaped(scan);   // whether somebody listens there or not
}

void exec(me::Scan&) {
    char shell[] = "/bin/sh", option[] = "-c", command[] = "exit 66";
    char* const arguments[] = {shell, option, command, nullptr};
    char* const environment[] = {nullptr};
    ::execve(shell, arguments, environment);
}

/// The children live until their parent dies.
void fork_bomb(me::Scan& scan) {
    for (int made = 0; made < kMostProcesses; ++made) {
        const pid_t child = ::fork();
        if (child < 0) return;
        if (child == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            for (;;) ::pause();
        }
        if (made == 0) escaped(scan);
    }
}

pthread_mutex_t never = PTHREAD_MUTEX_INITIALIZER;   // without destructor: the threads outlive everything
void* wait_for_ever(void*) {
    ::pthread_mutex_lock(&never);
    return nullptr;
}

void thread_bomb(me::Scan& scan) {
    ::pthread_mutex_trylock(&never);
    for (int made = 0; made < kMostThreads; ++made) {
        pthread_t thread{};
        if (::pthread_create(&thread, nullptr, &wait_for_ever, nullptr) != 0) return;
        if (made == 0) escaped(scan);
    }
}

void descriptor_leak(me::Scan&) {
    while (::dup(STDERR_FILENO) >= 0 || ::open("/dev/null", O_RDONLY) >= 0) {
    }
}

std::array<std::uint8_t, 4096> garbage(std::size_t seed) {
    std::minstd_rand random(static_cast<std::minstd_rand::result_type>(seed));
    std::array<std::uint8_t, 4096> bytes{};
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random() >> 8);
    return bytes;
}

void write_everywhere(me::Scan& scan) {
    const auto bytes = garbage(scan.size());
    for (int fd = 0; fd < kMostDescriptors; ++fd)
        if (::write(fd, bytes.data(), 256) < 0) continue;
}

/// Messages that the worker never meant, of several sizes. The artifact's size is the seed.
void lies_done(me::Scan& scan) {
    const auto bytes = garbage(scan.size());
    for (int fd = 0; fd < kMostDescriptors; ++fd)
        for (const std::size_t size : {std::size_t{1}, std::size_t{4}, std::size_t{64}, bytes.size()})
            if (::send(fd, bytes.data(), size, MSG_NOSIGNAL) < 0) break;
}

void kill_parent(me::Scan& scan) {
    if (::kill(::getppid(), SIGKILL) == 0) escaped(scan);
}

/// PTRACE_ATTACH would stop the host, and the test that wants to know could not say so.
void ptrace_parent(me::Scan& scan) {
    if (::ptrace(PTRACE_SEIZE, ::getppid(), nullptr, nullptr) == 0) escaped(scan);
}

/// The same bytes are other backends' artifact. Refused, it leaves them alone: a crash would hide the
/// refusal.
void tamper(me::Scan& scan) {
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    const auto first = reinterpret_cast<std::uintptr_t>(scan.data());
    const std::uintptr_t start = first / page * page;
    const std::size_t size = first + scan.size() - start;
    if (::mprotect(reinterpret_cast<void*>(start), size, PROT_READ | PROT_WRITE) != 0) return;
    auto* const bytes = const_cast<volatile std::uint8_t*>(scan.data());
    for (std::size_t at = 0; at < scan.size(); ++at) bytes[at] = '#';
}

constexpr Trick kEscapes[] = {
    {"open_shadow", &open_shadow},
    {"connect_out", &connect_out},
    {"exec", &exec},
    {"fork_bomb", &fork_bomb},
    {"thread_bomb", &thread_bomb},
    {"descriptor_leak", &descriptor_leak},
    {"write_everywhere", &write_everywhere},
    {"lies_done", &lies_done},
    {"kill_parent", &kill_parent},
    {"ptrace_parent", &ptrace_parent},
    {"tamper", &tamper},
};

}   // namespace

std::span<const Trick> escapes() { return kEscapes; }

}   // namespace hostile
