// SPDX-License-Identifier: MIT
#include "host/helper/lockdown.hpp"

#include "host/helper/failed.hpp"
#include "host/wire/own_pid.hpp"

#include <microengine/plugin.h>

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <limits>
#include <memory>
#include <string_view>
#include <vector>

namespace microengine::helper {

namespace {

constexpr std::uint64_t kMostProcesses = 256, kMostOfUser = 4096;

bool write_file(const char* path, std::string_view text) {
    const int fd = ::open(path, O_WRONLY | O_CLOEXEC);
    const bool good = fd >= 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    const int saved = errno;
    if (fd >= 0) ::close(fd);
    errno = saved;
    return good;
}

/// The ids stay what they are: files belong to the same user.
std::string leave(int namespaces) {
    constexpr std::string_view sentence = "cannot have mounts or processes of its own";
    if (::geteuid() == 0) return ::unshare(namespaces) == 0 ? "" : failed(sentence);
    const auto same = [](std::uint32_t id) { return std::to_string(id) + " " + std::to_string(id) + " 1"; };
    const std::string users = same(::geteuid());
    const std::string groups = same(::getegid());
    // The files of a process that cannot be traced are root's, also these.
    ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    if (::unshare(CLONE_NEWUSER | namespaces) != 0) return failed(sentence);
    // Without setgroups, or giving up a group could be a way to gain what that group is denied.
    if (!write_file("/proc/self/setgroups", "deny") || !write_file("/proc/self/uid_map", users) ||
        !write_file("/proc/self/gid_map", groups))
        return failed("cannot map its user into its namespace");
    return "";
}

bool no_new_privileges() { return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0; }

bool drop_capabilities() {
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    const std::array<__user_cap_data_struct, 2> none{};
    return ::syscall(SYS_capset, &header, none.data()) == 0;
}

/// Never raises: what is already lower stays.
bool limit(decltype(RLIMIT_CORE) which, std::uint64_t value) {
    rlimit old{};
    if (::getrlimit(which, &old) != 0) return false;
    const rlim_t wanted = std::min<rlim_t>(value, old.rlim_max);   // RLIM_INFINITY is the largest number
    const rlimit now{.rlim_cur = wanted, .rlim_max = wanted};
    return ::setrlimit(which, &now) == 0;
}

std::uint64_t sum(std::uint64_t one, std::uint64_t other) {
    std::uint64_t all = 0;
    return __builtin_add_overflow(one, other, &all) ? std::numeric_limits<std::uint64_t>::max() : all;
}

struct Sizes {
    std::uint64_t all = 0;        // address space
    std::uint64_t writable = 0;   // writable and not shared: what RLIMIT_DATA counts, and the stack
};
bool read_sizes(Sizes& sizes) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/proc/self/statm", "re"),
                                                               &std::fclose);
    unsigned long long all = 0;
    unsigned long long data = 0;
    if (!file || std::fscanf(file.get(), "%llu %*u %*u %*u %*u %llu", &all, &data) != 2) return false;
    const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    sizes = {.all = all * page, .writable = data * page};
    return true;
}

std::string limit_memory(std::uint64_t bytes) {
    // Artifacts are mapped, up to their size limit, and read-only: address space, but no memory of the
    // worker's.
    constexpr std::uint64_t mapped = std::uint64_t{12} << 30;
    Sizes sizes;
    if (!read_sizes(sizes)) return failed("cannot read its size from /proc/self/statm");
    if (!limit(RLIMIT_DATA, sum(sizes.writable, bytes)) ||
        !limit(RLIMIT_AS, sum(sum(sizes.all, bytes), mapped)))
        return failed("cannot limit its memory");
    return "";
}

}   // namespace

std::string leave_namespaces(const wire::Jail& jail) {
    const int namespaces = (jail.temp_bytes != 0 ? CLONE_NEWNS : 0) | (jail.own_processes ? CLONE_NEWPID : 0);
    return namespaces == 0 ? "" : leave(namespaces);
}

std::string mount_temp_dir(const wire::Jail& jail, const std::string& path) {
    if (jail.temp_bytes == 0) return "";
    const bool root = ::geteuid() == 0;
    // What this process mounts nobody else sees, and the other way round.
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
        return failed("cannot make its mounts private");
    // Empty files take no blocks, but kernel memory: as many as there are pages, and a few.
    std::string options = "mode=0700,size=" + std::to_string(jail.temp_bytes) +
                          ",nr_inodes=" + std::to_string(jail.temp_bytes / 4096 + 64);
    if (root && jail.user != 0)
        options += ",uid=" + std::to_string(jail.user) + ",gid=" + std::to_string(jail.group);
    if (::mount("tmpfs", path.c_str(), "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options.c_str()) != 0)
        return failed("cannot mount its temporary directory");
    return "";
}

std::string become_user(const wire::Jail& jail) {
    if (jail.user != 0 && ::geteuid() == 0) {
        if (::setgroups(0, nullptr) != 0) return failed("cannot leave its groups");
        if (jail.group != 0 && ::setresgid(jail.group, jail.group, jail.group) != 0)
            return failed("cannot become group " + std::to_string(jail.group));
        if (::setresuid(jail.user, jail.user, jail.user) != 0)
            return failed("cannot become user " + std::to_string(jail.user));
        if (::setresuid(0, 0, 0) == 0 || (jail.group != 0 && ::setresgid(0, 0, 0) == 0))
            return "it could become root again";
    } else if (jail.user != 0 && jail.user != ::geteuid()) {
        return "it cannot become user " + std::to_string(jail.user) + ": it is not root";
    }
    if (!drop_capabilities()) return failed("cannot give up its capabilities");
    if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return failed("cannot forbid to trace it");
    return "";
}

std::string set_limits(const wire::Jail& jail) {
    constexpr std::uint64_t files = 256;
    // Hangs are ended by the host; this is for a worker that nobody watches any more.
    constexpr std::uint64_t seconds = std::uint64_t{100} * 3600;
    // A file that grows too large is an error to the library that writes it, not its end.
    if (std::signal(SIGXFSZ, SIG_IGN) == SIG_ERR) return failed("cannot ignore SIGXFSZ");
    if (jail.memory_bytes != 0)
        if (std::string why = limit_memory(jail.memory_bytes); !why.empty()) return why;
    if (!limit(RLIMIT_CORE, 0) || !limit(RLIMIT_FSIZE, jail.file_bytes) || !limit(RLIMIT_NOFILE, files) ||
        !limit(RLIMIT_CPU, seconds))
        return failed("cannot set its limits");
    return "";
}

std::string install_filter(const wire::Jail& jail) {
    // Here, not in set_limits: the helper's own threads are older than this.
    if ((jail.needs & (ME_NEED_THREADS | ME_NEED_PROGRAMS)) == 0 && !limit(RLIMIT_NPROC, 0))
        return failed("cannot limit its processes");
    // In a user namespace of its own they are counted by themselves, else with all others of the user.
    if (jail.own_processes && !limit(RLIMIT_NPROC, jail.user == 0 ? kMostProcesses : kMostOfUser))
        return failed("cannot limit its processes");
    if (!no_new_privileges()) return failed("cannot set no_new_privs");
    if (jail.seccomp.empty()) return "";
    std::vector<sock_filter> filter(jail.seccomp.size() / sizeof(sock_filter));
    if (jail.seccomp.size() % sizeof(sock_filter) != 0 || filter.size() > BPF_MAXINSNS)
        return "its filter is no filter";
    std::memcpy(filter.data(), jail.seccomp.data(), jail.seccomp.size());
    bool patched = false;
    for (sock_filter& step : filter)
        if (step.code == (BPF_JMP | BPF_JEQ | BPF_K) && step.k == wire::kOwnPid) {
            step.k = static_cast<std::uint32_t>(::getpid());
            patched = true;
        }
    if (!patched && (jail.needs & ME_NEED_PROGRAMS) == 0) return "its filter has no place for its process id";
    const sock_fprog program{.len = static_cast<unsigned short>(filter.size()), .filter = filter.data()};
    const long outcome = ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
    if (outcome > 0) return "thread " + std::to_string(outcome) + " cannot take its filter";
    return outcome == 0 ? "" : failed("cannot install its filter");
}

}   // namespace microengine::helper
