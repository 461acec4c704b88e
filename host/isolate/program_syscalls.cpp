// SPDX-License-Identifier: MIT
// What a worker that starts programs may call, and so may the programs: an ordinary scanner, an interpreter.
// Which files is Landlock's part, which processes that of their namespace. Not in here, and so not there for
// them: tracing, mounting, namespaces, bpf, perf events, keys, modules, io_uring, memory files, sockets.
#include "host/isolate/syscall_groups.hpp"

#include <microengine/plugin.h>

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <cerrno>

namespace microengine::isolate {

namespace {

constexpr scmp_arg_cmp is(unsigned argument, std::uint64_t value) {
    return {.arg = argument, .op = SCMP_CMP_EQ, .datum_a = value, .datum_b = 0};
}
constexpr scmp_arg_cmp bits(unsigned argument, std::uint64_t mask, std::uint64_t value) {
    return {.arg = argument, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = value};
}
constexpr Rule allow(int call, scmp_arg_cmp when) { return {.call = call, .count = 1, .when = {when, {}}}; }
constexpr Rule refuse(int call, unsigned error) { return {.call = call, .action = SCMP_ACT_ERRNO(error)}; }

constexpr int kProcesses[] = {SCMP_SYS(fork),
                              SCMP_SYS(vfork),
                              SCMP_SYS(execve),
                              SCMP_SYS(execveat),
                              SCMP_SYS(wait4),
                              SCMP_SYS(waitid),
                              SCMP_SYS(exit),
                              SCMP_SYS(exit_group),
                              SCMP_SYS(pidfd_open),
                              SCMP_SYS(pidfd_send_signal),
                              SCMP_SYS(kill),
                              SCMP_SYS(tkill),
                              SCMP_SYS(tgkill),
                              SCMP_SYS(getpid),
                              SCMP_SYS(getppid),
                              SCMP_SYS(gettid),
                              SCMP_SYS(getpgrp),
                              SCMP_SYS(getpgid),
                              SCMP_SYS(setpgid),
                              SCMP_SYS(getsid),
                              SCMP_SYS(setsid),
                              SCMP_SYS(set_tid_address),
                              SCMP_SYS(set_robust_list),
                              SCMP_SYS(get_robust_list),
                              SCMP_SYS(rseq),
                              SCMP_SYS(arch_prctl),
                              SCMP_SYS(futex),
                              SCMP_SYS(membarrier),
                              SCMP_SYS(sched_yield),
                              SCMP_SYS(sched_getaffinity),
                              SCMP_SYS(sched_getparam),
                              SCMP_SYS(sched_getscheduler),
                              SCMP_SYS(sched_get_priority_max),
                              SCMP_SYS(sched_get_priority_min),
                              SCMP_SYS(getpriority),
                              SCMP_SYS(getcpu),
                              SCMP_SYS(getrlimit),
                              SCMP_SYS(setrlimit),
                              SCMP_SYS(getrusage),
                              SCMP_SYS(times),
                              SCMP_SYS(sysinfo),
                              SCMP_SYS(uname),
                              SCMP_SYS(capget),
                              SCMP_SYS(getuid),
                              SCMP_SYS(geteuid),
                              SCMP_SYS(getresuid),
                              SCMP_SYS(getgid),
                              SCMP_SYS(getegid),
                              SCMP_SYS(getresgid),
                              SCMP_SYS(getgroups),
                              SCMP_SYS(getrandom),
                              SCMP_SYS(restart_syscall)};
constexpr int kSignalsAndTime[] = {
    SCMP_SYS(rt_sigaction),    SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigpending),   SCMP_SYS(rt_sigsuspend),  SCMP_SYS(rt_sigtimedwait),
    SCMP_SYS(sigaltstack),     SCMP_SYS(signalfd4),      SCMP_SYS(pause),
    SCMP_SYS(alarm),           SCMP_SYS(getitimer),      SCMP_SYS(setitimer),
    SCMP_SYS(timer_create),    SCMP_SYS(timer_settime),  SCMP_SYS(timer_gettime),
    SCMP_SYS(timer_delete),    SCMP_SYS(timerfd_create), SCMP_SYS(timerfd_settime),
    SCMP_SYS(timerfd_gettime), SCMP_SYS(clock_gettime),  SCMP_SYS(clock_getres),
    SCMP_SYS(gettimeofday),    SCMP_SYS(time),           SCMP_SYS(nanosleep),
    SCMP_SYS(clock_nanosleep)};
constexpr int kMemory[] = {SCMP_SYS(brk),    SCMP_SYS(mmap),    SCMP_SYS(munmap), SCMP_SYS(mprotect),
                           SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(msync),  SCMP_SYS(mincore),
                           SCMP_SYS(mlock),  SCMP_SYS(mlock2),  SCMP_SYS(munlock)};
constexpr int kDescriptors[] = {
    SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(preadv), SCMP_SYS(preadv2), SCMP_SYS(write),
    SCMP_SYS(writev), SCMP_SYS(pwrite64), SCMP_SYS(pwritev), SCMP_SYS(pwritev2), SCMP_SYS(lseek),
    SCMP_SYS(close), SCMP_SYS(close_range), SCMP_SYS(dup), SCMP_SYS(dup2), SCMP_SYS(dup3), SCMP_SYS(pipe),
    SCMP_SYS(pipe2), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(select), SCMP_SYS(pselect6),
    SCMP_SYS(epoll_create), SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait), SCMP_SYS(eventfd2), SCMP_SYS(sendfile), SCMP_SYS(copy_file_range),
    SCMP_SYS(splice), SCMP_SYS(tee),
    // The worker's own channel; for programs a pair of sockets, which is no more than a pipe.
    SCMP_SYS(socketpair), SCMP_SYS(sendmsg), SCMP_SYS(recvmsg), SCMP_SYS(sendto), SCMP_SYS(recvfrom),
    SCMP_SYS(sendmmsg), SCMP_SYS(recvmmsg), SCMP_SYS(shutdown), SCMP_SYS(getsockopt), SCMP_SYS(setsockopt),
    SCMP_SYS(getsockname), SCMP_SYS(getpeername)};
constexpr int kFiles[] = {SCMP_SYS(creat),           SCMP_SYS(stat),       SCMP_SYS(lstat),
                          SCMP_SYS(fstat),           SCMP_SYS(newfstatat), SCMP_SYS(statx),
                          SCMP_SYS(access),          SCMP_SYS(faccessat),  SCMP_SYS(faccessat2),
                          SCMP_SYS(readlink),        SCMP_SYS(readlinkat), SCMP_SYS(getdents),
                          SCMP_SYS(getdents64),      SCMP_SYS(statfs),     SCMP_SYS(fstatfs),
                          SCMP_SYS(getcwd),          SCMP_SYS(chdir),      SCMP_SYS(fchdir),
                          SCMP_SYS(mkdir),           SCMP_SYS(mkdirat),    SCMP_SYS(unlink),
                          SCMP_SYS(unlinkat),        SCMP_SYS(rmdir),      SCMP_SYS(rename),
                          SCMP_SYS(renameat),        SCMP_SYS(renameat2),  SCMP_SYS(ftruncate),
                          SCMP_SYS(fallocate),       SCMP_SYS(fsync),      SCMP_SYS(fdatasync),
                          SCMP_SYS(sync_file_range), SCMP_SYS(flock),      SCMP_SYS(fadvise64),
                          SCMP_SYS(readahead),       SCMP_SYS(umask)};

constexpr std::uint64_t kNamespaces =
    CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
constexpr std::uint64_t kTruncating = O_TRUNC | O_ACCMODE;
constexpr Rule kRules[] = {
    // clone3 has its flags in memory, where a filter cannot look: it is not there, and the C library takes
    // clone.
    allow(SCMP_SYS(clone), bits(0, kNamespaces, 0)),
    // To end with who started it: set, never taken back, for the worker ends by it itself.
    {.call = SCMP_SYS(prctl), .count = 2, .when = {is(0, PR_SET_PDEATHSIG), is(1, SIGKILL)}},
    allow(SCMP_SYS(prctl), is(0, PR_SET_NAME)),
    allow(SCMP_SYS(prctl), is(0, PR_GET_NAME)),
    allow(SCMP_SYS(prlimit64), is(0, 0)),
    allow(SCMP_SYS(ioctl), is(1, FIONREAD)),
    {.call = SCMP_SYS(ioctl),
     .action = SCMP_ACT_ERRNO(ENOTTY),
     .count = 1,
     .when = {scmp_arg_cmp{.arg = 1, .op = SCMP_CMP_NE, .datum_a = FIONREAD, .datum_b = 0}, {}}},
    // Not F_SETOWN, which sends signals, nor F_NOTIFY, nor leases.
    allow(SCMP_SYS(fcntl), is(1, F_GETFD)),
    allow(SCMP_SYS(fcntl), is(1, F_SETFD)),
    allow(SCMP_SYS(fcntl), is(1, F_GETFL)),
    allow(SCMP_SYS(fcntl), is(1, F_SETFL)),
    allow(SCMP_SYS(fcntl), is(1, F_GETLK)),
    allow(SCMP_SYS(fcntl), is(1, F_SETLK)),
    allow(SCMP_SYS(fcntl), is(1, F_SETLKW)),
    allow(SCMP_SYS(fcntl), is(1, F_DUPFD)),
    allow(SCMP_SYS(fcntl), is(1, F_DUPFD_CLOEXEC)),
    allow(SCMP_SYS(fcntl), is(1, F_GETPIPE_SZ)),
    // Truncating is for writers: see syscall_groups.cpp, also of what follows.
    allow(SCMP_SYS(open), bits(1, O_TRUNC, 0)),
    allow(SCMP_SYS(open), bits(1, kTruncating, O_TRUNC | O_WRONLY)),
    allow(SCMP_SYS(open), bits(1, kTruncating, O_TRUNC | O_RDWR)),
    allow(SCMP_SYS(openat), bits(2, O_TRUNC, 0)),
    allow(SCMP_SYS(openat), bits(2, kTruncating, O_TRUNC | O_WRONLY)),
    allow(SCMP_SYS(openat), bits(2, kTruncating, O_TRUNC | O_RDWR)),
    refuse(SCMP_SYS(chmod), EPERM),
    refuse(SCMP_SYS(fchmod), EPERM),
    refuse(SCMP_SYS(fchmodat), EPERM),
    refuse(SCMP_SYS(chown), EPERM),
    refuse(SCMP_SYS(lchown), EPERM),
    refuse(SCMP_SYS(fchown), EPERM),
    refuse(SCMP_SYS(fchownat), EPERM),
    refuse(SCMP_SYS(utime), EPERM),
    refuse(SCMP_SYS(utimes), EPERM),
    refuse(SCMP_SYS(utimensat), EPERM),
    refuse(SCMP_SYS(link), EPERM),
    refuse(SCMP_SYS(linkat), EPERM),
    refuse(SCMP_SYS(symlink), EPERM),
    refuse(SCMP_SYS(symlinkat), EPERM),
    refuse(SCMP_SYS(ptrace), EPERM),
    refuse(SCMP_SYS(mount), EPERM),
    refuse(SCMP_SYS(unshare), EPERM),
    refuse(SCMP_SYS(setns), EPERM)};
// Name services, loggers and many libraries try a socket, and do without.
constexpr Rule kNoSockets[] = {refuse(SCMP_SYS(socket), EACCES)};

}   // namespace

std::span<const Group> program_syscall_groups() {
    static const Group groups[] = {{.any = 0, .none = 0, .allowed = kProcesses, .rules = kRules},
                                   {.any = 0, .none = 0, .allowed = kSignalsAndTime, .rules = {}},
                                   {.any = 0, .none = 0, .allowed = kMemory, .rules = {}},
                                   {.any = 0, .none = 0, .allowed = kDescriptors, .rules = {}},
                                   {.any = 0, .none = 0, .allowed = kFiles, .rules = {}},
                                   {.any = 0, .none = ME_NEED_NETWORK, .allowed = {}, .rules = kNoSockets},
                                   network_group()};
    return groups;
}

}   // namespace microengine::isolate
