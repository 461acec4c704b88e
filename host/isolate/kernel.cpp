// SPDX-License-Identifier: MIT
#include "host/isolate/kernel.hpp"

#include "host/util/unique_fd.hpp"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string_view>

// The headers may be older than the kernel.
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U   // since Linux 6.3; older kernels refuse it and need it not
#endif
#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#endif

namespace microengine::isolate {

using util::UniqueFd;

namespace {

int landlock_abi() {
    constexpr long version = 1;   // LANDLOCK_CREATE_RULESET_VERSION
    const long abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, version);
    return abi > 0 ? static_cast<int>(abi) : 0;
}

bool has_seccomp() {
    const std::uint32_t action = SECCOMP_RET_KILL_PROCESS;
    return ::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

bool has_future_write_seal() {
    const UniqueFd fd(::memfd_create("microengine-probe", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    return fd && ::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_FUTURE_WRITE) == 0;
}

bool has_executable_memfd() {
    UniqueFd fd(::memfd_create("microengine-probe", MFD_CLOEXEC | MFD_EXEC));
    if (!fd && errno == EINVAL) fd.reset(::memfd_create("microengine-probe", MFD_CLOEXEC));
    constexpr std::size_t page_bytes = 4096;
    if (!fd || ::ftruncate(fd.get(), page_bytes) != 0) return false;
    // The loader opens it by name, and maps it executable: a security module may mind either.
    const std::string name = "/proc/self/fd/" + std::to_string(fd.get());
    const UniqueFd again(::open(name.c_str(), O_RDONLY | O_CLOEXEC));
    if (!again) return false;
    void* map = ::mmap(nullptr, page_bytes, PROT_READ | PROT_EXEC, MAP_PRIVATE, again.get(), 0);
    if (map == MAP_FAILED) return false;
    ::munmap(map, page_bytes);
    return true;
}

bool has_pidfd() {
    return static_cast<bool>(UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0))));
}

/// In the child of a process with threads: system calls and nothing else, not even of the C library's.
bool write_whole(const char* path, std::string_view text) {
    const long fd = ::syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CLOEXEC, 0);
    return fd >= 0 && ::syscall(SYS_write, fd, text.data(), text.size()) == static_cast<long>(text.size());
}

/// Of a child: may it?
[[noreturn]] void end(bool good) {
    for (;;) ::syscall(SYS_exit_group, good ? 0 : 1);
}

[[noreturn]] void try_mount(bool root, std::string_view uids, std::string_view gids) {
    bool good = ::syscall(SYS_unshare, root ? CLONE_NEWNS : CLONE_NEWUSER | CLONE_NEWNS) == 0;
    if (!root)
        good = good && write_whole("/proc/self/setgroups", "deny") &&
               write_whole("/proc/self/uid_map", uids) && write_whole("/proc/self/gid_map", gids);
    // In a mount namespace of this child alone, so any place will do; the root is always there.
    good = good && ::syscall(SYS_mount, "none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
           ::syscall(SYS_mount, "tmpfs", "/", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=4096") == 0;
    end(good);
}

/// In a child of its own, system calls only.
template <class What>
bool child_can(What what) {
    // Neither fork(), whose handlers may wait for a lock another thread holds, nor an exit signal, which is
    // none of the host's handlers' business.
    const long pid = ::syscall(SYS_clone, 0UL, nullptr, nullptr, nullptr, nullptr);
    if (pid < 0) return false;
    if (pid == 0) what();
    int status = -1;
    while (::waitpid(static_cast<pid_t>(pid), &status, __WALL) < 0)
        if (errno != EINTR) return false;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool has_private_processes() {
    const int flags = ::geteuid() == 0 ? CLONE_NEWPID : CLONE_NEWUSER | CLONE_NEWPID;
    return child_can([flags] { end(::syscall(SYS_unshare, flags) == 0); });
}

bool has_private_mounts() {
    const bool root = ::geteuid() == 0;
    const auto same = [](std::uint32_t id) { return std::to_string(id) + " " + std::to_string(id) + " 1"; };
    const std::string uids = same(::geteuid());
    const std::string gids = same(::getegid());
    return child_can([&] { try_mount(root, uids, gids); });
}

}   // namespace

Kernel probe_kernel() {
    return {.landlock_abi = landlock_abi(),
            .seccomp = has_seccomp(),
            .future_write_seal = has_future_write_seal(),
            .private_mounts = has_private_mounts(),
            .private_processes = has_private_processes(),
            .pidfd = has_pidfd(),
            .executable_memfd = has_executable_memfd()};
}

std::string kernel_text(const Kernel& kernel) {
    std::string text;
    const auto add = [&](bool there, std::string_view what) {
        if (there) text.append(text.empty() ? "" : ", ").append(what);
    };
    add(kernel.seccomp, "seccomp");
    add(kernel.landlock_abi > 0, "Landlock ABI " + std::to_string(kernel.landlock_abi));
    add(kernel.private_mounts, "private temporary file systems");
    add(kernel.private_processes, "private processes");
    add(kernel.future_write_seal, "write seals");
    add(kernel.pidfd, "pidfds");
    add(kernel.executable_memfd, "executable memory files");
    return text.empty() ? "nothing" : text;
}

std::vector<std::string> lacks(const Kernel& kernel) {
    std::vector<std::string> all;
    const auto add = [&](bool there, std::string_view sentence) {
        if (!there) all.emplace_back(sentence);
    };
    add(kernel.seccomp, "no seccomp filters: plugins are isolated with sandbox = \"off\" only");
    add(kernel.landlock_abi > 0,
        "no Landlock: plugins that need files or the network reach every file that their user can");
    add(kernel.private_mounts,
        "no private mounts (they take root, or unprivileged user namespaces): temporary directories have "
        "no size limit of their own");
    add(kernel.private_processes,
        "no process namespaces (they take root, or unprivileged user namespaces): what a backend with the "
        "right "
        "to start programs leaves behind may outlive it");
    add(kernel.future_write_seal, "no F_SEAL_FUTURE_WRITE: every artifact gets a memory file of its own");
    add(kernel.pidfd,
        "no pidfds: nothing can be isolated, for a worker could not be told from a later process with its "
        "number");
    add(kernel.executable_memfd,
        "no executable memory files (the sysctl vm.memfd_noexec, or no /proc): no plugin can be loaded");
    return all;
}

bool sanitizer_build() {
#if defined(ME_SANITIZED)
    return true;
#else
    return false;
#endif
}

}   // namespace microengine::isolate
