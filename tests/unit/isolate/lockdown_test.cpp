// SPDX-License-Identifier: MIT
// Locked-down processes that try one thing each, and how that ended for them.
#include "host/helper/lockdown.hpp"

#include "host/helper/first_process.hpp"
#include "host/isolate/jail_plan.hpp"
#include "host/isolate/profile.hpp"

#include <microengine/plugin.h>

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace microengine {
namespace {

namespace fs = std::filesystem;

TEST(Filter, EveryCombinationOfNeedsHasAFilterThatFits) {
    for (std::uint32_t needs = 0; needs < 128; ++needs) {
        const auto filter = isolate::seccomp_filter(needs);
        ASSERT_TRUE(filter) << filter.error().text();
        EXPECT_EQ(filter->size() % sizeof(sock_filter), 0U);
        EXPECT_LT(filter->size() / sizeof(sock_filter), std::size_t{BPF_MAXINSNS});
        EXPECT_TRUE(isolate::seccomp_filter(needs, isolate::SocketFiles::all));
    }
}

TEST(Filter, ThatIsNoneIsRefused) {
    wire::Jail odd;
    odd.seccomp = "1234567";
    wire::Jail unpatched;
    unpatched.seccomp = std::string(sizeof(sock_filter), '\0');
    for (const wire::Jail& jail : {odd, unpatched}) {
        const pid_t pid = ::fork();
        if (pid == 0) ::_exit(helper::install_filter(jail).empty() ? 1 : 0);
        int status = -1;
        ::waitpid(pid, &status, 0);
        EXPECT_EQ(status, 0);
    }
}

// A sanitizer's runtime makes calls of its own that no filter here allows, and maps more than any limit: what
// follows is about real builds and is not compiled into such ones.
#if !defined(ME_SANITIZED)

constexpr std::uint64_t kMiB = 1 << 20;
constexpr int kSurvived = 0;
constexpr int kNotLockedDown = 99;

std::string read_status(const char* field) {
    std::ifstream file("/proc/self/status");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with(field)) return line.substr(std::strlen(field));
    return "";
}

struct Lockdown : testing::Test {
    Lockdown() {
        std::string name = fs::canonical(fs::temp_directory_path()) / "lockdown-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) std::abort();
        folder = name;
    }
    ~Lockdown() override { fs::remove_all(folder); }
    Lockdown(const Lockdown&) = delete;
    Lockdown& operator=(const Lockdown&) = delete;

    /// As the host would plan it here.
    wire::Jail jail(std::uint32_t needs) const {
        auto plan = isolate::plan_jail({.needs = needs,
                                        .read_paths = {},
                                        .policy = isolate::SandboxPolicy::standard,
                                        .kernel = kernel,
                                        .memory_bytes = 512 * kMiB,
                                        .temp_bytes = 8 * kMiB,
                                        .user = 0,
                                        .group = 0,
                                        .sanitizer_build = isolate::sanitizer_build()});
        EXPECT_TRUE(plan) << plan.error().text();
        return plan ? plan->jail : wire::Jail{};
    }

    /// The wait status of a process that locked itself down and then did this; it returns an exit code.
    template <class What>
    static int ends(const wire::Jail& jail, const std::string& temp, What what) {
        return forked([&] {
            std::string why = helper::leave_namespaces(jail);
            if (why.empty()) why = helper::mount_temp_dir(jail, temp);
            if (why.empty()) why = helper::become_user(jail);
            if (why.empty() && jail.own_processes) why = helper::become_first_process();
            if (why.empty()) why = helper::set_limits(jail);
            if (why.empty()) why = helper::enter_landlock(jail, temp);
            if (why.empty()) why = helper::install_filter(jail);
            if (why.empty()) return what();
            std::fprintf(stderr, "%s\n", why.c_str());
            return kNotLockedDown;
        });
    }
    template <class What>
    static int forked(What what) {
        const pid_t pid = ::fork();
        if (pid == 0) ::_exit(what());
        int status = -1;
        EXPECT_EQ(::waitpid(pid, &status, 0), pid);
        return status;
    }
    template <class What>
    int ends(std::uint32_t needs, What what) const {
        return ends(jail(needs), (needs & ME_NEED_TEMP_DIR) != 0 ? folder.native() : "", what);
    }

    isolate::Kernel kernel = isolate::probe_kernel();
    fs::path folder;
};

#define EXPECT_SURVIVES(status) EXPECT_PRED1(survived, status)
#define EXPECT_DIES_OF(status, signal) EXPECT_PRED2(died_of, status, signal)
bool survived(int status) { return WIFEXITED(status) && WEXITSTATUS(status) == kSurvived; }
bool died_of(int status, int signal) { return WIFSIGNALED(status) && WTERMSIG(status) == signal; }

struct Try {
    const char* name;
    std::function<void()> what;
};
void* pages(int protection) { return ::mmap(nullptr, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }
const Try kForbidden[] = {
    {"open", [] { ::open("/etc/shadow", O_RDONLY | O_CLOEXEC); }},
    {"stat by number", [] { ::syscall(SYS_statx, AT_FDCWD, "/etc/passwd", 0, 0, nullptr); }},
    {"socket", [] { ::socket(AF_INET, SOCK_STREAM, 0); }},
    {"execve",
     [] {
         char program[] = "/bin/true";
         std::array<char*, 2> arguments = {program, nullptr};
         ::execve(program, arguments.data(), nullptr);
     }},
    {"fork",
     [] {
         if (::fork() == 0) ::_exit(0);
     }},
    {"vfork by number", [] { ::syscall(SYS_clone, CLONE_VFORK | SIGCHLD, 0, 0, 0, 0); }},
    {"kill", [] { ::kill(::getppid(), 0); }},
    {"tgkill another", [] { ::syscall(SYS_tgkill, 1, 1, 0); }},
    {"ptrace", [] { ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr); }},
    {"process_vm_readv", [] { ::syscall(SYS_process_vm_readv, 1, nullptr, 0, nullptr, 0, 0); }},
    {"map code", [] { pages(PROT_READ | PROT_EXEC); }},
    {"make code", [] { ::mprotect(pages(PROT_READ | PROT_WRITE), 4096, PROT_READ | PROT_EXEC); }},
    {"shared memory of its own",
     [] { ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0); }},
    {"write elsewhere", [] { (void)!::write(5, "x", 1); }},
    {"memory file", [] { ::memfd_create("x", MFD_CLOEXEC); }},
    {"namespace", [] { ::syscall(SYS_unshare, CLONE_NEWUSER); }},
    {"io_uring", [] { ::syscall(425, 1, nullptr); }},
};

TEST_F(Lockdown, KillsWhatTriesMoreThanScanningMemory) {
    for (const Try& one : kForbidden)
        EXPECT_DIES_OF(ends(0, [&] { return one.what(), 1; }), SIGSYS) << one.name;
}

TEST_F(Lockdown, MostOfItIsForbiddenToThoseWithNeedsToo) {
    constexpr std::uint32_t kNeeds = ME_NEED_FD | ME_NEED_TEMP_DIR | ME_NEED_THREADS | ME_NEED_READ_PATHS;
    for (const Try& one : kForbidden) {
        const std::string name = one.name;
        if (name == "open" || name.starts_with("stat") || name.starts_with("write")) continue;
        EXPECT_DIES_OF(ends(kNeeds, [&] { return one.what(), 1; }), SIGSYS) << name;
    }
}

TEST_F(Lockdown, AbortDiesOfItsOwnSignal) {
    for (const std::uint32_t needs : {0U, ME_NEED_TEMP_DIR, ME_NEED_THREADS})
        EXPECT_DIES_OF(ends(needs, []() -> int { std::abort(); }), SIGABRT);
}

TEST_F(Lockdown, TalksAllocatesThrowsAndWaits) {
    std::array<int, 2> ends_of{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends_of.data()), 0);
    EXPECT_SURVIVES(ends(0, [&] {
        char letter = 'm';
        iovec part{.iov_base = &letter, .iov_len = 1};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        if (::sendmsg(ends_of[0], &message, MSG_NOSIGNAL) != 1) return 1;
        return ::recvmsg(ends_of[1], &message, MSG_CMSG_CLOEXEC) == 1 ? 0 : 2;
    }));
    EXPECT_SURVIVES(ends(0, [] {
        const std::unique_ptr<void, void (*)(void*)> memory(std::malloc(100 * kMiB), &std::free);
        if (memory == nullptr) return 1;
        std::memset(memory.get(), 1, 100 * kMiB);
        return 0;
    }));
    EXPECT_SURVIVES(ends(0, [] {
        try {
            throw std::runtime_error("caught");
        } catch (const std::runtime_error&) {
            return 0;
        }
    }));
    EXPECT_SURVIVES(ends(0, [] {
        std::uint32_t word = 1;
        const timespec soon{.tv_sec = 0, .tv_nsec = 1000};
        return ::syscall(SYS_futex, &word, FUTEX_WAIT, 1, &soon, nullptr, 0) == -1 && errno == ETIMEDOUT ? 0
                                                                                                         : 1;
    }));
    EXPECT_SURVIVES(ends(0, [] {   // standard output as a terminal or file: asked about, then written
        std::printf("%s", "");
        return std::puts("") < 0 || std::fflush(stdout) != 0 ? 1 : 0;
    }));
    ::close(ends_of[0]);
    ::close(ends_of[1]);
}

TEST_F(Lockdown, BindsAThreadThatIsOlderThanTheFilter) {
    const wire::Jail planned = jail(0);
    const auto open_in_a_thread = [&] {
        if (!helper::set_limits(planned).empty() || !helper::enter_landlock(planned, "").empty())
            return kNotLockedDown;
        std::atomic<bool> locked = false;
        std::thread watcher([&] {
            locked.wait(false);
            ::open("/etc/passwd", O_RDONLY | O_CLOEXEC);
        });
        const bool good = helper::install_filter(planned).empty();
        locked = true;
        locked.notify_all();
        watcher.join();
        return good ? 1 : kNotLockedDown;
    };
    EXPECT_DIES_OF(forked(open_in_a_thread), SIGSYS);
}

TEST_F(Lockdown, NeedsItsDescriptorsStatusOnly) {
    const int fd = ::open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    const auto look = [&] {
        struct stat status{};
        char letter = 0;
        return ::fstat(fd, &status) == 0 && ::pread(fd, &letter, 1, 0) == 1 ? 0 : 1;
    };
    EXPECT_SURVIVES(ends(ME_NEED_FD, look));
    EXPECT_SURVIVES(ends(ME_NEED_FD, [] {
        struct stat status{};
        return ::stat("/etc/passwd", &status) != 0 && errno == EPERM ? 0 : 1;
    }));
    ::close(fd);
}

TEST_F(Lockdown, NeedsThreads) {
    const auto count = [] {
        std::atomic<int> sum = 0;
        std::vector<std::thread> all;
        for (int i = 0; i < 4; ++i)
            all.emplace_back([&] { sum += static_cast<int>(std::make_unique<char[]>(kMiB) != nullptr); });
        for (std::thread& one : all) one.join();
        return sum == 4 ? 0 : 1;
    };
    EXPECT_SURVIVES(ends(ME_NEED_THREADS, count));
    EXPECT_DIES_OF(ends(0, count), SIGSYS);
}

TEST_F(Lockdown, NeedsPrograms) {
    EXPECT_SURVIVES(ends(ME_NEED_PROGRAMS, [] {
        const pid_t pid = ::fork();
        char program[] = "/bin/true";
        std::array<char*, 2> arguments = {program, nullptr};
        if (pid == 0) ::_exit(::execv(program, arguments.data()));
        int status = -1;
        return ::waitpid(pid, &status, 0) == pid && status == 0 ? 0 : 1;
    }));
    EXPECT_SURVIVES(ends(ME_NEED_PROGRAMS, [] {   // refused, and nobody dies of it
        if (::socket(AF_UNIX, SOCK_STREAM, 0) != -1 || errno != EACCES) return 1;
        if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != -1) return 2;
        if (::syscall(SYS_unshare, CLONE_NEWUSER) != -1) return 3;
        if (::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0) != -1) return 4;
        for (const int call : {SYS_bpf, SYS_perf_event_open, SYS_keyctl, SYS_init_module, SYS_reboot, 425})
            if (::syscall(call, 0, 0, 0, 0, 0) != -1 || errno != ENOSYS) return 5;
        if (::mount("none", "/", nullptr, 0, nullptr) != -1 || ::prctl(PR_SET_PDEATHSIG, 0) != -1) return 6;
        return ::open("/etc/passwd", O_RDONLY | O_CLOEXEC) == -1 ? 0 : 7;
    }));
    EXPECT_SURVIVES(ends(ME_NEED_PROGRAMS | ME_NEED_NETWORK, [] {
        if (::socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) != -1 || ::socket(AF_PACKET, SOCK_RAW, 0) != -1)
            return 1;
        return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0 ? 0 : 2;
    }));
}

TEST_F(Lockdown, NeedsCodeMemory) {
    EXPECT_SURVIVES(ends(ME_NEED_EXEC_MEMORY, [] {
        void* code = pages(PROT_READ | PROT_WRITE);
        return ::mprotect(code, 4096, PROT_READ | PROT_EXEC) == 0 ? 0 : 1;
    }));
}

TEST_F(Lockdown, LoadsNoCodeFromFilesButSurvivesTheAttempt) {
    const int fd = ::open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    const auto load = [&] {
        return ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED ? 0 : 1;
    };
    EXPECT_SURVIVES(ends(ME_NEED_TEMP_DIR, load));
    EXPECT_DIES_OF(ends(ME_NEED_FD, load), SIGSYS);
    ::close(fd);
}

TEST_F(Lockdown, NeedsTheNetwork) {
    EXPECT_SURVIVES(ends(ME_NEED_NETWORK, [] {
        if (::socket(AF_UNIX, SOCK_STREAM, 0) != -1 || errno != EAFNOSUPPORT) return 1;
        const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in nobody{.sin_family = AF_INET, .sin_port = htons(1), .sin_addr = {}, .sin_zero = {}};
        nobody.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const int code = ::connect(fd, reinterpret_cast<const sockaddr*>(&nobody), sizeof nobody);
        return code == -1 && errno == ECONNREFUSED ? 0 : 2;
    }));
    EXPECT_DIES_OF(ends(ME_NEED_NETWORK, [] { return ::socket(AF_PACKET, SOCK_RAW, 0); }), SIGSYS);
}

TEST_F(Lockdown, ConnectsToASocketFileOnlyWhereASettingNamesOne) {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    const std::string path = folder / "socket";
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    ASSERT_EQ(::bind(listener, generic, sizeof address), 0);
    ASSERT_EQ(::listen(listener, 1), 0);
    const auto plan = [&](std::uint32_t needs, bool names_socket) {
        auto made = isolate::plan_jail({.needs = needs,
                                        .read_paths = {path},
                                        .names_socket = names_socket,
                                        .policy = isolate::SandboxPolicy::standard,
                                        .kernel = kernel,
                                        .temp_bytes = 8 * kMiB,
                                        .sanitizer_build = false});
        EXPECT_TRUE(made) << made.error().text();
        return made->jail;
    };
    const auto connects = [&] {
        const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0) return errno == EAFNOSUPPORT ? 1 : 2;
        return ::connect(fd, generic, sizeof address) == 0 ? 0 : 3;
    };
    EXPECT_SURVIVES(ends(plan(ME_NEED_NETWORK, true), "", connects));
    EXPECT_EQ(ends(plan(ME_NEED_NETWORK, false), "", connects), W_EXITCODE(1, 0));
    EXPECT_DIES_OF(ends(plan(ME_NEED_READ_PATHS, true), "", connects), SIGSYS);
    // And nothing but streams.
    EXPECT_DIES_OF(ends(plan(ME_NEED_NETWORK, true), "", [] { return ::socket(AF_UNIX, SOCK_DGRAM, 0); }),
                   SIGSYS);
    ::close(listener);
}

/// What an unpacker does in its temporary directory.
int work_with_files(const std::string& base) {
    const auto at = [&](const char* name) { return base + "/" + name; };
    if (::mkdir(at("a").c_str(), 0700) != 0) return 1;
    const int fd = ::open(at("a/x").c_str(), O_RDWR | O_CREAT | O_TRUNC | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 || ::write(fd, "hello", 5) != 5 || ::ftruncate(fd, 4) != 0 || ::fsync(fd) != 0) return 2;
    struct stat status{};
    if (::fstat(fd, &status) != 0 || status.st_size != 4 || ::close(fd) != 0) return 3;
    if (::rename(at("a/x").c_str(), at("y").c_str()) != 0) return 4;
    std::FILE* file = std::fopen(at("a/z").c_str(), "w");
    if (file == nullptr || std::fprintf(file, "%d", 42) != 2 || std::fclose(file) != 0) return 5;
    ::chmod(at("a").c_str(), 0755);   // politely refused, for it would work anywhere
    if (::stat(at("a").c_str(), &status) != 0 || (status.st_mode & 0777) != 0700) return 6;
    DIR* listing = ::opendir(at("a").c_str());
    int names = 0;
    while (listing != nullptr && ::readdir(listing) != nullptr) ++names;   // ".", "..", "z"
    if (listing == nullptr || ::closedir(listing) != 0 || names != 3) return 7;
    if (::unlink(at("a/z").c_str()) != 0 || ::rmdir(at("a").c_str()) != 0) return 8;
    std::string unique = at("tmp-XXXXXX");
    return ::mkstemp(unique.data()) >= 0 && ::unlink(at("y").c_str()) == 0 ? 0 : 9;
}
bool denied(const char* path, int flags) {
    return ::open(path, flags | O_CLOEXEC, 0600) == -1 && (errno == EACCES || errno == ENOENT);
}

TEST_F(Lockdown, NeedsATempDirAndHasNoOtherFiles) {
    if (kernel.landlock_abi == 0) GTEST_SKIP() << "no Landlock here";
    for (const bool mounted : {false, true}) {
        if (mounted && !kernel.private_mounts) continue;
        wire::Jail jail = this->jail(ME_NEED_TEMP_DIR);
        if (!mounted) jail.temp_bytes = 0;
        EXPECT_SURVIVES(ends(jail, folder, [&] { return work_with_files(folder); }));
        EXPECT_SURVIVES(ends(jail, folder, [&] { return ::mkdir((folder / "left").c_str(), 0700); }));
        EXPECT_SURVIVES(ends(jail, folder, [&] {
            if (!denied("/etc/passwd", O_RDONLY) || !denied("/dev/null", O_WRONLY)) return 1;
            if (!denied((folder.parent_path() / "other").c_str(), O_WRONLY | O_CREAT)) return 2;
            if (!denied((folder / "../other").c_str(), O_WRONLY | O_CREAT)) return 3;
            return ::opendir("/") == nullptr && ::mkdir("/tmp/other", 0700) != 0 ? 0 : 4;
        }));
        EXPECT_DIES_OF(ends(jail, folder, [] { return ::open("/etc/passwd", O_RDONLY | O_TRUNC); }), SIGSYS);
        // What was mounted is gone with its process; what was not is still there.
        EXPECT_EQ(fs::remove_all(folder / "left") == 0, mounted);
    }
}

TEST_F(Lockdown, AFileMayNotGrowTooLarge) {
    wire::Jail jail = this->jail(ME_NEED_TEMP_DIR);
    jail.temp_bytes = 0;
    jail.file_bytes = kMiB;
    EXPECT_SURVIVES(ends(jail, folder, [&] {
        const int fd = ::open((folder / "large").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        const std::string half(kMiB / 2, 'x');
        for (int i = 0; i < 2; ++i)
            if (::write(fd, half.data(), half.size()) != static_cast<ssize_t>(half.size())) return 1;
        return ::write(fd, "x", 1) == -1 && errno == EFBIG ? 0 : 2;   // and not SIGXFSZ
    }));
}

TEST_F(Lockdown, AllFilesTogetherMayNotGrowTooLarge) {
    if (!kernel.private_mounts) GTEST_SKIP() << "no private mounts here";
    wire::Jail jail = this->jail(ME_NEED_TEMP_DIR);
    jail.temp_bytes = kMiB;
    EXPECT_SURVIVES(ends(jail, folder, [&] {
        const std::string part(kMiB / 8, 'x');
        for (int i = 0; i < 9; ++i) {
            const std::string name = folder / std::to_string(i);
            const int fd = ::open(name.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
            if (fd < 0 || ::write(fd, part.data(), part.size()) != static_cast<ssize_t>(part.size()))
                return errno == ENOSPC && i >= 7 ? 0 : 1;
        }
        return 2;
    }));
    EXPECT_SURVIVES(ends(jail, folder, [&] {   // nor by their number
        for (std::uint64_t i = 0; i < kMiB / 4096 + 65; ++i)
            if (::close(::open((folder / std::to_string(i)).c_str(), O_WRONLY | O_CREAT, 0600)) != 0)
                return i > 64 ? 0 : 1;
        return 2;
    }));
}

TEST_F(Lockdown, NeedsNamedPaths) {
    if (kernel.landlock_abi == 0) GTEST_SKIP() << "no Landlock here";
    wire::Jail jail = this->jail(ME_NEED_READ_PATHS);
    const fs::path rules = folder / "rules";
    fs::create_directory(rules);
    std::ofstream(rules / "a.yar") << "rule";
    std::ofstream(folder / "one") << "1";
    std::ofstream(folder / "two") << "2";
    jail.read_paths = {rules, folder / "one", folder / "missing"};
    EXPECT_SURVIVES(ends(jail, "", [&] {
        char letter = 0;
        const int fd = ::open((rules / "a.yar").c_str(), O_RDONLY | O_CLOEXEC);
        if (::read(fd, &letter, 1) != 1 || letter != 'r') return 1;
        if (::open((folder / "one").c_str(), O_RDONLY | O_CLOEXEC) < 0) return 2;
        if (!denied((folder / "two").c_str(), O_RDONLY) || !denied("/etc/passwd", O_RDONLY)) return 3;
        DIR* listing = ::opendir(rules.c_str());
        return listing != nullptr && ::readdir(listing) != nullptr && ::opendir(folder.c_str()) == nullptr
                   ? 0
                   : 4;
    }));
    const auto change = [&](int flags) {
        return ends(jail, "", [&] { return ::open((folder / "one").c_str(), flags, 0600); });
    };
    for (const int flags : {O_WRONLY, O_RDWR, O_RDONLY | O_TRUNC, O_RDONLY | O_CREAT})
        EXPECT_DIES_OF(change(flags), SIGSYS) << flags;
}

TEST_F(Lockdown, AMemoryBombIsAnException) {
    wire::Jail jail = this->jail(0);
    jail.memory_bytes = 64 * kMiB;
    EXPECT_SURVIVES(ends(jail, "", [] {
        std::vector<std::unique_ptr<char[]>> all;
        all.reserve(200);
        try {
            while (all.size() < 200) all.push_back(std::make_unique<char[]>(kMiB));
        } catch (const std::bad_alloc&) {
            return all.size() > 50 && all.size() <= 65 ? 0 : 1;
        }
        return 2;
    }));
    // An artifact that is mapped to be read is not the worker's memory.
    const int fd = ::memfd_create("artifact", MFD_CLOEXEC);
    ASSERT_EQ(::ftruncate(fd, static_cast<off_t>(256 * kMiB)), 0);
    EXPECT_SURVIVES(ends(jail, "", [&] {
        return ::mmap(nullptr, 256 * kMiB, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED ? 0 : 1;
    }));
    ::close(fd);
}

TEST_F(Lockdown, HasNoRightsAndNoWayBack) {
    wire::Jail jail;
    jail.temp_bytes = kernel.private_mounts ? kMiB : 0;
    jail.file_bytes = kMiB;
    if (::geteuid() == 0) jail.user = jail.group = 65534;
    fs::permissions(folder, fs::perms(0755));
    EXPECT_SURVIVES(ends(jail, folder, [&] {
        if (::geteuid() == 0 || (jail.user != 0 && ::getegid() != jail.group)) return 1;
        if (::setresuid(0, 0, 0) == 0 || ::setgroups(0, nullptr) == 0) return 2;
        if (read_status("CapEff:") != "\t0000000000000000" ||
            read_status("CapPrm:") != read_status("CapEff:"))
            return 3;
        if (::prctl(PR_GET_DUMPABLE) != 0 || ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) return 4;
        if (::syscall(SYS_unshare, CLONE_NEWNS) == 0 || ::fork() != -1) return 5;
        if (jail.temp_bytes == 0) return 0;
        return ::mkdir((folder / "mine").c_str(), 0700) == 0 && !fs::is_empty(folder) ? 0 : 6;
    }));
    EXPECT_TRUE(fs::is_empty(folder));
}

TEST_F(Lockdown, AnOrdinaryUserBecomesNobodyElse) {
    wire::Jail jail;
    jail.user = jail.group = 12345;
    EXPECT_SURVIVES(forked([&] {
        if (::geteuid() == 0 && ::setresuid(54321, 54321, 54321) != 0) return 1;
        return helper::become_user(jail) == "it cannot become user 12345: it is not root" ? 0 : 2;
    }));
}

TEST_F(Lockdown, DoesNotLeaveAThreadOutsideOfLandlock) {
    if (kernel.landlock_abi == 0) GTEST_SKIP() << "no Landlock here";
    const wire::Jail jail = this->jail(ME_NEED_TEMP_DIR);
    EXPECT_SURVIVES(forked([&] {
        std::atomic<bool> over = false;
        std::thread other([&] { over.wait(false); });
        const std::string why = helper::enter_landlock(jail, folder);
        over = true;
        over.notify_all();
        other.join();
        return why.starts_with("it has threads already") ? 0 : 1;
    }));
}

#endif

}   // namespace
}   // namespace microengine
