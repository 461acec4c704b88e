// SPDX-License-Identifier: MIT
// What is asked for, what the kernel has, and what comes of it.
#include "host/isolate/jail_plan.hpp"

#include <microengine/plugin.h>

#include <gmock/gmock.h>
#include <sys/wait.h>

#include <cerrno>
#include <limits>
#include <string>

namespace microengine::isolate {
namespace {

constexpr Kernel kAll{.landlock_abi = 7,
                      .seccomp = true,
                      .future_write_seal = true,
                      .private_mounts = true,
                      .private_processes = true,
                      .pidfd = true,
                      .executable_memfd = true};
constexpr std::uint64_t kTemp = 1 << 20;

Kernel without(bool seccomp, bool landlock, bool mounts) {
    Kernel kernel = kAll;
    if (seccomp) kernel.seccomp = false;
    if (landlock) kernel.landlock_abi = 0;
    if (mounts) kernel.private_mounts = kernel.private_processes = false;
    return kernel;
}
const Kernel kNoSeccomp = without(true, false, false);
const Kernel kNoLandlock = without(false, true, false);
const Kernel kNoMounts = without(false, false, true);
const Kernel kNothing{};

const std::string kWide = "weak_sandbox: without Landlock it can reach every file that its user can";
const std::string kUnlimited = "its temporary directory has no size limit of its own";
const std::string kOutlive =
    "weak_sandbox: without processes of its own, programs that it starts may outlive it";
const std::string kOff = "sandbox = \"off\": crashes and hangs are contained, exploits are not";
const std::string kStrictWay = ", and sandbox = \"strict\" does not accept that";
const std::string kNoFilters =
    "this kernel has no seccomp filters; [isolation] sandbox = \"off\" contains "
    "crashes and hangs without them";
using enum SandboxPolicy;

struct Row {
    SandboxPolicy policy;
    const Kernel& kernel;
    std::uint32_t needs;
    std::string outcome;   // weaknesses, joined; or "!" and the error without its code
};
const Row kRows[] = {
    {standard, kAll, 0, ""},
    {standard, kAll, ME_NEED_TEMP_DIR | ME_NEED_READ_PATHS | ME_NEED_NETWORK | ME_NEED_THREADS, ""},
    {strict, kAll, ME_NEED_TEMP_DIR | ME_NEED_READ_PATHS, ""},
    {off, kAll, 0, kOff},
    {off, kNothing, 0, kOff},
    {off, kNothing, ME_NEED_TEMP_DIR, kUnlimited + "; " + kOff},
    {standard, kNoSeccomp, 0, "!" + kNoFilters},
    {strict, kNoSeccomp, 0, "!" + kNoFilters},
    {standard, kNoLandlock, 0, ""},
    {strict, kNoLandlock, 0, ""},
    {standard, kNoLandlock, ME_NEED_FD | ME_NEED_THREADS | ME_NEED_EXEC_MEMORY, ""},
    {standard, kNoLandlock, ME_NEED_TEMP_DIR, kWide},
    {standard, kNoLandlock, ME_NEED_READ_PATHS, kWide},
    {standard, kNoLandlock, ME_NEED_NETWORK, kWide},
    {strict, kNoLandlock, ME_NEED_READ_PATHS, "!" + kWide + kStrictWay},
    {standard, kNoMounts, 0, ""},
    {standard, kNoMounts, ME_NEED_TEMP_DIR, kUnlimited},
    {strict, kNoMounts, ME_NEED_TEMP_DIR, "!" + kUnlimited + kStrictWay},
    {strict, kNoMounts, ME_NEED_READ_PATHS, ""},
    {strict, kAll, ME_NEED_PROGRAMS, ""},
    {standard, kNoMounts, ME_NEED_PROGRAMS, kOutlive},
    {strict, kNoMounts, ME_NEED_PROGRAMS, "!" + kOutlive + kStrictWay},
    {standard, kNoLandlock, ME_NEED_PROGRAMS, kWide},
    {off, kNoMounts, ME_NEED_PROGRAMS, kOutlive + "; " + kOff},
};

JailRequest ask(const Row& row) {
    return {.needs = row.needs,
            .read_paths = {"/some/rules"},
            .policy = row.policy,
            .kernel = row.kernel,
            .memory_bytes = 1000,
            .temp_bytes = kTemp,
            .user = 5,
            .group = 6,
            .sanitizer_build = false};
}
std::string outcome(const JailRequest& request) {
    const auto plan = plan_jail(request);
    if (!plan) {
        const std::string code = "sandbox_unavailable: ";
        EXPECT_TRUE(plan.error().message.starts_with(code)) << plan.error().message;
        return "!" + plan.error().message.substr(code.size());
    }
    std::string all;
    for (const std::string& weakness : plan->weaknesses) all += (all.empty() ? "" : "; ") + weakness;
    return all;
}

TEST(JailPlan, SaysWhatIsWeakAndRefusesWhatMayNotBe) {
    for (const Row& row : kRows)
        EXPECT_EQ(outcome(ask(row)), row.outcome) << "row " << &row - std::begin(kRows);
}

TEST(JailPlan, HasAFilterAndADomainWhereTheKernelHas) {
    for (const Row& row : kRows) {
        const auto plan = plan_jail(ask(row));
        if (!plan) continue;
        EXPECT_EQ(plan->jail.seccomp.empty(), row.policy == off);
        EXPECT_EQ(plan->jail.landlock, row.policy != off && row.kernel.landlock_abi > 0);
        EXPECT_EQ(plan->jail.needs, row.needs);
        EXPECT_EQ(plan->jail.memory_bytes, 1000U);
        EXPECT_EQ(plan->jail.user, 5U);
        EXPECT_EQ(plan->jail.group, 6U);
        const bool temp = (row.needs & ME_NEED_TEMP_DIR) != 0;
        EXPECT_EQ(plan->jail.file_bytes, temp ? kTemp : 0);
        EXPECT_EQ(plan->jail.temp_bytes, temp && row.kernel.private_mounts ? kTemp : 0);
    }
}

TEST(JailPlan, ANamedSocketIsAWeaknessForWhoMayConnect) {
    const std::string sockets =
        "weak_sandbox: a setting names a socket, so it can connect to every socket file that its user can";
    const auto with_socket = [](SandboxPolicy policy, std::uint32_t needs) {
        JailRequest request = ask({policy, kAll, needs, ""});
        request.names_socket = true;
        return outcome(request);
    };
    EXPECT_EQ(with_socket(standard, ME_NEED_NETWORK), sockets);
    EXPECT_EQ(with_socket(strict, ME_NEED_NETWORK), "!" + sockets + kStrictWay);
    EXPECT_EQ(with_socket(strict, ME_NEED_READ_PATHS), "");
}

TEST(JailPlan, ReadsOnlyWhatItNeeds) {
    const auto paths = [](std::uint32_t needs) {
        return plan_jail(ask({standard, kAll, needs, ""}))->jail.read_paths;
    };
    EXPECT_TRUE(paths(ME_NEED_TEMP_DIR).empty());
    EXPECT_EQ(paths(ME_NEED_READ_PATHS), std::vector<std::string>{"/some/rules"});
    EXPECT_EQ(paths(ME_NEED_NETWORK).front(), "/etc/resolv.conf");
    EXPECT_THAT(paths(ME_NEED_PROGRAMS), testing::IsSupersetOf({"/some/rules", "/usr", "/dev/null"}));
    EXPECT_THAT(paths(ME_NEED_PROGRAMS), testing::Not(testing::Contains(testing::StartsWith("/etc/pass"))));
}

TEST(JailPlan, OnlyWhoStartsProgramsHasProcessesOfItsOwnAndOnlyAsAFork) {
    const auto own = [](JailRequest request) { return plan_jail(request)->jail.own_processes; };
    JailRequest request = ask({standard, kAll, ME_NEED_PROGRAMS, ""});
    EXPECT_TRUE(own(request));
    request.policy = off;
    EXPECT_TRUE(own(request));
    request.needs = ME_NEED_THREADS;
    EXPECT_FALSE(own(request));
    request = ask({standard, kAll, ME_NEED_PROGRAMS, ""});
    request.forks = false;
    EXPECT_FALSE(own(request));
    EXPECT_EQ(outcome(request), kOutlive);
}

TEST(JailPlan, NoSizeMeansNoLimitAndNoMount) {
    JailRequest request = ask({strict, kAll, ME_NEED_TEMP_DIR, ""});
    request.temp_bytes = 0;
    const auto plan = plan_jail(request);
    EXPECT_EQ(plan->jail.temp_bytes, 0U);
    EXPECT_EQ(plan->jail.file_bytes, std::numeric_limits<std::uint64_t>::max());
}

TEST(JailPlan, ASanitizerBuildHasAProcessAndNothingElse) {
    JailRequest request = ask({standard, kAll, ME_NEED_TEMP_DIR, ""});
    request.sanitizer_build = true;
    EXPECT_EQ(outcome(request),
              "weak_sandbox: this is a sanitizer build, without filters, Landlock and limits");
    const auto plan = plan_jail(request);
    EXPECT_TRUE(plan->jail.seccomp.empty());
    EXPECT_FALSE(plan->jail.landlock);
    EXPECT_EQ(plan->jail.memory_bytes, 0U);
    EXPECT_EQ(plan->jail.temp_bytes, 0U);
    request.policy = strict;
    EXPECT_EQ(outcome(request).front(), '!');
}

TEST(Kernel, IsDescribed) {
    EXPECT_EQ(kernel_text({.landlock_abi = 7, .seccomp = true, .private_mounts = true}),
              "seccomp, Landlock ABI 7, private temporary file systems");
    EXPECT_EQ(kernel_text(kNothing), "nothing");
    EXPECT_TRUE(lacks(kAll).empty());
    EXPECT_EQ(lacks(kNothing).size(), 7U);
}

TEST(Kernel, IsProbedTwiceWithTheSameAnswerAndLeavesNoChild) {
    const Kernel kernel = probe_kernel();
    EXPECT_EQ(kernel_text(kernel), kernel_text(probe_kernel()));
    EXPECT_EQ(::waitpid(-1, nullptr, __WALL), -1);
    EXPECT_EQ(errno, ECHILD);
    RecordProperty("kernel", kernel_text(kernel));
}

}   // namespace
}   // namespace microengine::isolate
