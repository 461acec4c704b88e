// SPDX-License-Identifier: MIT
#include "host/isolate/syscall_groups.hpp"

#include "host/wire/own_pid.hpp"

#include <microengine/plugin.h>

#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#ifndef CLONE_DETACHED
#define CLONE_DETACHED 0x00400000
#endif

namespace microengine::isolate {

namespace {

constexpr scmp_arg_cmp is(unsigned argument, std::uint64_t value) {
    return {.arg = argument, .op = SCMP_CMP_EQ, .datum_a = value, .datum_b = 0};
}
constexpr scmp_arg_cmp is_not(unsigned argument, std::uint64_t value) {
    return {.arg = argument, .op = SCMP_CMP_NE, .datum_a = value, .datum_b = 0};
}
constexpr scmp_arg_cmp bits(unsigned argument, std::uint64_t mask, std::uint64_t value) {
    return {.arg = argument, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = value};
}
constexpr Rule allow(int call, scmp_arg_cmp when) { return {.call = call, .count = 1, .when = {when, {}}}; }
constexpr Rule refuse(int call, unsigned error) { return {.call = call, .action = SCMP_ACT_ERRNO(error)}; }
constexpr Rule refuse(int call, unsigned error, scmp_arg_cmp when) {
    return {.call = call, .action = SCMP_ACT_ERRNO(error), .count = 1, .when = {when, {}}};
}

// ---- always

constexpr int kBase[] = {
    // talking to the host, waiting for it
    SCMP_SYS(sendmsg), SCMP_SYS(recvmsg), SCMP_SYS(sendto), SCMP_SYS(recvfrom), SCMP_SYS(poll),
    SCMP_SYS(ppoll), SCMP_SYS(futex), SCMP_SYS(sched_yield),
    // time
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(times),
    SCMP_SYS(nanosleep), SCMP_SYS(clock_nanosleep),
    // memory; mmap and mprotect have rules
    SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
    // its own end, its own signals
    SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigaction), SCMP_SYS(restart_syscall),
    // what it is told anyway
    SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid),
    SCMP_SYS(getegid), SCMP_SYS(sched_getaffinity), SCMP_SYS(sysinfo), SCMP_SYS(getrusage),
    SCMP_SYS(getrandom),
    // descriptors it was given
    SCMP_SYS(close), SCMP_SYS(lseek), SCMP_SYS(fstat)};
constexpr Rule kBaseRules[] = {
    allow(
        SCMP_SYS(tgkill),
        is(0, wire::kOwnPid)),   // abort() dies of SIGABRT
                                 // isatty(): stdio asks it of /dev/null. Bytes waiting: the resolver asks it.
    allow(SCMP_SYS(ioctl), is(1, FIONREAD)),
    refuse(SCMP_SYS(ioctl), ENOTTY, is_not(1, FIONREAD)),
    // sysconf() reads limits; of this process, and without setting them
    {.call = SCMP_SYS(prlimit64), .count = 2, .when = {is(0, 0), is(2, 0)}},
    // thread names, allocator's names for mappings: nice to have
    refuse(SCMP_SYS(prctl), EPERM)};

// No code; and no shared memory of its own making, which RLIMIT_DATA would not count.
constexpr Rule kDataMemory[] = {{.call = SCMP_SYS(mmap),
                                 .action = SCMP_ACT_ALLOW,
                                 .count = 2,
                                 .when = {bits(2, PROT_EXEC, 0), bits(3, MAP_ANONYMOUS, 0)}},
                                {.call = SCMP_SYS(mmap),
                                 .action = SCMP_ACT_ALLOW,
                                 .count = 2,
                                 .when = {bits(2, PROT_EXEC, 0), bits(3, MAP_SHARED, 0)}},
                                allow(SCMP_SYS(mprotect), bits(2, PROT_EXEC, 0))};
constexpr int kCodeMemory[] = {SCMP_SYS(mmap), SCMP_SYS(mprotect)};

// ---- without files: standard output and error are /dev/null

constexpr Rule kOutput[] = {
    allow(SCMP_SYS(write), is(0, STDOUT_FILENO)), allow(SCMP_SYS(write), is(0, STDERR_FILENO)),
    allow(SCMP_SYS(writev), is(0, STDOUT_FILENO)), allow(SCMP_SYS(writev), is(0, STDERR_FILENO))};
// AT_EMPTY_PATH does not forbid a path, and Landlock no looking: newfstatat tells what exists. Only a plugin
// with a descriptor to ask about gets it, for fstat() is made of it; stdio can do without.
constexpr Rule kNoStatus[] = {refuse(SCMP_SYS(newfstatat), EPERM)};
constexpr Rule kOwnStatus[] = {allow(SCMP_SYS(newfstatat), bits(3, AT_EMPTY_PATH, AT_EMPTY_PATH)),
                               refuse(SCMP_SYS(newfstatat), EPERM, bits(3, AT_EMPTY_PATH, 0))};
constexpr int kDescriptor[] = {SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(preadv)};

// ---- files: which ones is Landlock's part

constexpr std::uint32_t kPaths = ME_NEED_TEMP_DIR | ME_NEED_READ_PATHS | ME_NEED_NETWORK;
constexpr int kLooking[] = {
    SCMP_SYS(newfstatat), SCMP_SYS(stat),      SCMP_SYS(lstat),      SCMP_SYS(statx),    SCMP_SYS(getdents64),
    SCMP_SYS(access),     SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink), SCMP_SYS(readlinkat),
    SCMP_SYS(statfs),     SCMP_SYS(fstatfs),   SCMP_SYS(getcwd),     SCMP_SYS(dup),      SCMP_SYS(fadvise64)};
// stdio, opendir and locks; not F_SETOWN, which sends signals, nor F_NOTIFY, nor leases.
constexpr Rule kLookingRules[] = {
    allow(SCMP_SYS(fcntl), is(1, F_GETFD)),  allow(SCMP_SYS(fcntl), is(1, F_SETFD)),
    allow(SCMP_SYS(fcntl), is(1, F_GETFL)),  allow(SCMP_SYS(fcntl), is(1, F_SETFL)),
    allow(SCMP_SYS(fcntl), is(1, F_GETLK)),  allow(SCMP_SYS(fcntl), is(1, F_SETLK)),
    allow(SCMP_SYS(fcntl), is(1, F_SETLKW)), allow(SCMP_SYS(fcntl), is(1, F_DUPFD_CLOEXEC))};

// The loader fetching an optional part, such as a character set of iconv(): it goes on without. Other ways to
// get code are deadly.
constexpr Rule kNoLoading[] = {{.call = SCMP_SYS(mmap),
                                .action = SCMP_ACT_ERRNO(EACCES),
                                .count = 2,
                                .when = {bits(2, PROT_EXEC, PROT_EXEC), bits(3, MAP_ANONYMOUS, 0)}}};

constexpr std::uint64_t kChanging = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC;
constexpr Rule kReading[] = {allow(SCMP_SYS(open), bits(1, kChanging, 0)),
                             allow(SCMP_SYS(openat), bits(2, kChanging, 0))};
// O_TRUNC with O_RDONLY truncates, and Landlock before ABI 3 does not see it: truncating is for writers.
constexpr std::uint64_t kTruncating = O_TRUNC | O_ACCMODE;
constexpr Rule kWritingRules[] = {
    allow(SCMP_SYS(open), bits(1, O_TRUNC, 0)),
    allow(SCMP_SYS(open), bits(1, kTruncating, O_TRUNC | O_WRONLY)),
    allow(SCMP_SYS(open), bits(1, kTruncating, O_TRUNC | O_RDWR)),
    allow(SCMP_SYS(openat), bits(2, O_TRUNC, 0)),
    allow(SCMP_SYS(openat), bits(2, kTruncating, O_TRUNC | O_WRONLY)),
    allow(SCMP_SYS(openat), bits(2, kTruncating, O_TRUNC | O_RDWR)),
    // Landlock does not guard these: they would work on every file of the user. Unpackers try them on what
    // they unpack and go on without; all there is was made by this process, for itself.
    refuse(SCMP_SYS(chmod), EPERM), refuse(SCMP_SYS(fchmod), EPERM), refuse(SCMP_SYS(fchmodat), EPERM),
    refuse(SCMP_SYS(chown), EPERM), refuse(SCMP_SYS(lchown), EPERM), refuse(SCMP_SYS(fchown), EPERM),
    refuse(SCMP_SYS(fchownat), EPERM), refuse(SCMP_SYS(utime), EPERM), refuse(SCMP_SYS(utimes), EPERM),
    refuse(SCMP_SYS(utimensat), EPERM),
    // An archive may hold links: refusing them is safer than following them, and no reason to die.
    refuse(SCMP_SYS(link), EPERM), refuse(SCMP_SYS(linkat), EPERM), refuse(SCMP_SYS(symlink), EPERM),
    refuse(SCMP_SYS(symlinkat), EPERM),
    // Faster ways to copy, which their users try before read and write.
    refuse(SCMP_SYS(copy_file_range), ENOSYS), refuse(SCMP_SYS(sendfile), ENOSYS),
    refuse(SCMP_SYS(splice), ENOSYS)};
constexpr int kWriting[] = {SCMP_SYS(creat),     SCMP_SYS(write),     SCMP_SYS(writev),    SCMP_SYS(pwrite64),
                            SCMP_SYS(pwritev),   SCMP_SYS(mkdir),     SCMP_SYS(mkdirat),   SCMP_SYS(unlink),
                            SCMP_SYS(unlinkat),  SCMP_SYS(rmdir),     SCMP_SYS(rename),    SCMP_SYS(renameat),
                            SCMP_SYS(renameat2), SCMP_SYS(ftruncate), SCMP_SYS(fallocate), SCMP_SYS(fsync),
                            SCMP_SYS(fdatasync), SCMP_SYS(flock),     SCMP_SYS(umask)};

// ---- threads

// What pthread_create() asks for, exactly: a namespace, or a process, takes other bits.
constexpr std::uint64_t kThread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
                                  CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;
constexpr std::uint64_t kAllFlags = 0xffff'ffffU & ~std::uint64_t{CLONE_DETACHED};   // which has no meaning
constexpr int kThreads[] = {SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(sigaltstack)};
constexpr Rule kThreadRules[] = {
    allow(SCMP_SYS(clone), bits(0, kAllFlags, kThread)),
    // Its flags lie in memory, where a filter cannot look: the C library falls back to clone.
    refuse(SCMP_SYS(clone3), ENOSYS),
    // Pinning is a wish, and could be used on other processes.
    refuse(SCMP_SYS(sched_setaffinity), EPERM)};

// ---- network

constexpr int kNetwork[] = {
    SCMP_SYS(connect),     SCMP_SYS(bind),        SCMP_SYS(getsockopt),    SCMP_SYS(setsockopt),
    SCMP_SYS(getsockname), SCMP_SYS(getpeername), SCMP_SYS(shutdown),      SCMP_SYS(select),
    SCMP_SYS(pselect6),    SCMP_SYS(epoll_wait),  SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_pwait), SCMP_SYS(sendmmsg),    SCMP_SYS(recvmmsg),      SCMP_SYS(eventfd2),
    SCMP_SYS(pipe2),       SCMP_SYS(write),       SCMP_SYS(writev)};
constexpr Rule kNetworkRules[] = {allow(SCMP_SYS(socket), is(0, AF_INET)),
                                  allow(SCMP_SYS(socket), is(0, AF_INET6)),
                                  // The resolver tries to list the interfaces, and does without.
                                  refuse(SCMP_SYS(socket), EAFNOSUPPORT, is(0, AF_NETLINK))};
// The resolver tries the name service daemon, and does without.
constexpr Rule kNoSocketFiles = refuse(SCMP_SYS(socket), EAFNOSUPPORT, is(0, AF_UNIX));
// Above these bits are flags.
constexpr std::uint64_t kSocketType = 0xF;
constexpr Rule kSocketFiles{.call = SCMP_SYS(socket),
                            .action = SCMP_ACT_ALLOW,
                            .count = 2,
                            .when = {is(0, AF_UNIX), bits(1, kSocketType, SOCK_STREAM)}};

constexpr Group kNetworkGroup{.any = ME_NEED_NETWORK, .none = 0, .allowed = kNetwork, .rules = kNetworkRules};

constexpr std::uint32_t kWrite = ME_NEED_TEMP_DIR | ME_NEED_NETWORK;
constexpr Group kGroups[] = {
    {.any = 0, .none = 0, .allowed = kBase, .rules = kBaseRules},
    {.any = 0, .none = ME_NEED_EXEC_MEMORY, .allowed = {}, .rules = kDataMemory},
    {.any = ME_NEED_EXEC_MEMORY, .none = 0, .allowed = kCodeMemory, .rules = {}},
    {.any = 0, .none = kWrite, .allowed = {}, .rules = kOutput},
    {.any = 0, .none = ME_NEED_FD | kPaths, .allowed = {}, .rules = kNoStatus},
    {.any = ME_NEED_FD, .none = kPaths, .allowed = {}, .rules = kOwnStatus},
    {.any = ME_NEED_FD | kPaths, .none = 0, .allowed = kDescriptor, .rules = {}},
    {.any = kPaths, .none = 0, .allowed = kLooking, .rules = kLookingRules},
    {.any = kPaths, .none = ME_NEED_EXEC_MEMORY, .allowed = {}, .rules = kNoLoading},
    {.any = kPaths, .none = ME_NEED_TEMP_DIR, .allowed = {}, .rules = kReading},
    {.any = ME_NEED_TEMP_DIR, .none = 0, .allowed = kWriting, .rules = kWritingRules},
    {.any = ME_NEED_THREADS, .none = 0, .allowed = kThreads, .rules = kThreadRules},
    kNetworkGroup,
};

}   // namespace

std::span<const Group> syscall_groups() { return kGroups; }
const Group& network_group() { return kNetworkGroup; }
const Rule& socket_file_rule(bool connects) { return connects ? kSocketFiles : kNoSocketFiles; }

}   // namespace microengine::isolate
