// SPDX-License-Identifier: MIT
#include "host/helper/failed.hpp"
#include "host/helper/lockdown.hpp"
#include "host/util/unique_fd.hpp"

#include <microengine/plugin.h>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>

// The kernel's interface by hand: its header may be older than the kernel, and so may be the C library's.
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

namespace microengine::helper {

namespace {

struct RulesetAttributes {
    std::uint64_t files = 0;
    std::uint64_t network = 0;   // since ABI 4
    std::uint64_t scopes = 0;    // since ABI 6
};
struct [[gnu::packed]] PathBeneath {
    std::uint64_t allowed;
    std::int32_t folder;
};
constexpr unsigned kCreateVersion = 1;
constexpr unsigned kRulePathBeneath = 1;

constexpr std::uint64_t kExecute = 1U << 0;
constexpr std::uint64_t kWriteFile = 1U << 1;
constexpr std::uint64_t kReadFile = 1U << 2;
constexpr std::uint64_t kReadFolder = 1U << 3;
constexpr std::uint64_t kRemove = 1U << 4 | 1U << 5;
constexpr std::uint64_t kMakeFolder = 1U << 7;
constexpr std::uint64_t kMakeFile = 1U << 8;
constexpr std::uint64_t kAllOfAbi1 = (1U << 13) - 1;
constexpr std::uint64_t kMove = 1U << 13;              // from folder to folder; since ABI 2
constexpr std::uint64_t kTruncate = 1U << 14;          // since ABI 3
constexpr std::uint64_t kDeviceIoctl = 1U << 15;       // since ABI 5
constexpr std::uint64_t kTcp = 1U << 0 | 1U << 1;      // bind, connect
constexpr std::uint64_t kScopes = 1U << 0 | 1U << 1;   // abstract sockets, signals

/// In the temporary directory. Not: execute, links, pipes, sockets, devices.
constexpr std::uint64_t kTemp =
    kWriteFile | kReadFile | kReadFolder | kRemove | kMakeFolder | kMakeFile | kMove | kTruncate;

RulesetAttributes handled(long abi, bool network) {
    RulesetAttributes all{.files = kAllOfAbi1};
    if (abi >= 2) all.files |= kMove;
    if (abi >= 3) all.files |= kTruncate;
    if (abi >= 4 && !network) all.network = kTcp;
    if (abi >= 5) all.files |= kDeviceIoctl;
    if (abi >= 6) all.scopes = kScopes;
    return all;
}
std::size_t attributes_size(long abi) {
    if (abi < 4) return offsetof(RulesetAttributes, network);
    return abi < 6 ? offsetof(RulesetAttributes, scopes) : sizeof(RulesetAttributes);
}

/// `rights` of files and folders at and below the path.
std::string permit(int rules, const std::string& path, std::uint64_t rights) {
    const util::UniqueFd fd(::open(path.c_str(), O_PATH | O_CLOEXEC));
    struct stat status{};
    if (!fd || ::fstat(fd.get(), &status) != 0) return failed("cannot open " + path);
    if (!S_ISDIR(status.st_mode)) rights &= kExecute | kWriteFile | kReadFile | kTruncate;
    const PathBeneath rule{.allowed = rights, .folder = fd.get()};
    if (::syscall(SYS_landlock_add_rule, rules, kRulePathBeneath, &rule, 0) != 0)
        return failed("cannot permit " + path);
    return "";
}

/// Threads that are there already would stay outside.
bool alone() {
    struct stat tasks{};
    return ::stat("/proc/self/task", &tasks) == 0 && tasks.st_nlink == 3;   // ".", "..", and this one
}

}   // namespace

std::string enter_landlock(const wire::Jail& jail, const std::string& temp_dir) {
    // First, and whatever follows: nothing it may execute gives it rights.
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("cannot set no_new_privs");
    if (!jail.landlock) return "";
    // A thread that is there already is not bound by a domain, only by the filter. That is enough for plugins
    // which may open nothing anyway.
    constexpr std::uint32_t opens =
        ME_NEED_TEMP_DIR | ME_NEED_READ_PATHS | ME_NEED_NETWORK | ME_NEED_PROGRAMS;
    if ((jail.needs & opens) != 0 && !alone()) return "it has threads already, which Landlock would not bind";
    const long abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, kCreateVersion);
    if (abi <= 0) return failed("no Landlock");
    const RulesetAttributes all = handled(abi, (jail.needs & ME_NEED_NETWORK) != 0);
    const util::UniqueFd rules(
        static_cast<int>(::syscall(SYS_landlock_create_ruleset, &all, attributes_size(abi), 0)));
    if (!rules) return failed("no Landlock rules");
    if (!temp_dir.empty())
        if (std::string why = permit(rules.get(), temp_dir, kTemp & all.files); !why.empty()) return why;
    const bool programs = (jail.needs & ME_NEED_PROGRAMS) != 0;
    for (const std::string& path : jail.read_paths) {
        if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT) continue;
        // What swallows everything may be written to: programs open it as their standard output.
        const std::uint64_t more = !programs             ? 0
                                   : path == "/dev/null" ? kExecute | kWriteFile | (kTruncate & all.files)
                                                         : kExecute;
        if (std::string why = permit(rules.get(), path, kReadFile | kReadFolder | more); !why.empty())
            return why;
    }
    if (::syscall(SYS_landlock_restrict_self, rules.get(), 0) != 0) return failed("cannot enter Landlock");
    return "";
}

}   // namespace microengine::helper
