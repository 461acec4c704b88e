// SPDX-License-Identifier: MIT
#include "host/isolate/jail_plan.hpp"

#include "host/isolate/profile.hpp"

#include <microengine/plugin.h>

#include <limits>
#include <string_view>
#include <utility>

namespace microengine::isolate {

using util::Errc;
using util::Result;

namespace {

constexpr std::uint32_t kReaches = ME_NEED_TEMP_DIR | ME_NEED_READ_PATHS | ME_NEED_NETWORK | ME_NEED_PROGRAMS;

/// What the C library's resolver and TLS read: the network is no use without. None of it is secret.
constexpr std::string_view kResolver[] = {"/etc/resolv.conf", "/etc/hosts",          "/etc/nsswitch.conf",
                                          "/etc/host.conf",   "/etc/gai.conf",       "/etc/services",
                                          "/etc/ssl/certs",   "/etc/ssl/openssl.cnf"};

/// What programs are made of, and what the loader, the C library and most programs open to begin. None of it
/// is secret, and everything in it is there for every user to run.
constexpr std::string_view kSystem[] = {"/usr",           "/bin",      "/sbin",     "/lib",
                                        "/lib32",         "/lib64",    "/libx32",   "/etc/ld.so.cache",
                                        "/etc/localtime", "/dev/null", "/dev/zero", "/dev/random",
                                        "/dev/urandom"};

Result<void> refuse(std::string_view why, std::string_view way_out) {
    return util::fail(Errc::unsupported, "",
                      std::string("sandbox_unavailable: ").append(why).append(way_out));
}

/// A weakness that standard notes and strict does not accept.
Result<void> weaken(JailPlan& plan, SandboxPolicy policy, std::string sentence) {
    if (policy == SandboxPolicy::strict)
        return refuse(sentence, ", and sandbox = \"strict\" does not accept that");
    plan.weaknesses.push_back(std::move(sentence));
    return {};
}

std::vector<std::string> readable(const JailRequest& request) {
    std::vector<std::string> paths;
    if ((request.needs & (ME_NEED_READ_PATHS | ME_NEED_PROGRAMS)) != 0) paths = request.read_paths;
    if ((request.needs & ME_NEED_PROGRAMS) != 0)
        paths.insert(paths.end(), std::begin(kSystem), std::end(kSystem));
    if ((request.needs & ME_NEED_NETWORK) != 0)
        paths.insert(paths.end(), std::begin(kResolver), std::end(kResolver));
    return paths;
}

/// What a worker started ends with it: the kernel sees to that where the worker is the first process of a
/// namespace.
Result<void> plan_programs(JailPlan& plan, const JailRequest& request) {
    if ((request.needs & ME_NEED_PROGRAMS) == 0) return {};
    plan.jail.own_processes = request.kernel.private_processes && request.forks;
    if (plan.jail.own_processes) return {};
    std::string sentence =
        "weak_sandbox: without processes of its own, programs that it starts may outlive it";
    if (request.policy != SandboxPolicy::off) return weaken(plan, request.policy, std::move(sentence));
    plan.weaknesses.push_back(std::move(sentence));
    return {};
}

/// The limits hold whatever the policy.
Result<void> plan_limits(JailPlan& plan, const JailRequest& request) {
    wire::Jail& jail = plan.jail;
    jail.needs = request.needs;
    jail.memory_bytes = request.memory_bytes;
    jail.user = request.user;
    jail.group = request.group;
    if ((request.needs & ME_NEED_TEMP_DIR) == 0) return {};   // and may write no file at all
    jail.file_bytes =
        request.temp_bytes != 0 ? request.temp_bytes : std::numeric_limits<std::uint64_t>::max();
    if (request.temp_bytes == 0) return {};
    if (request.kernel.private_mounts)
        jail.temp_bytes = request.temp_bytes;
    else if (request.policy == SandboxPolicy::off)
        plan.weaknesses.emplace_back("its temporary directory has no size limit of its own");
    else
        return weaken(plan, request.policy, "its temporary directory has no size limit of its own");
    return {};
}

Result<void> plan_sandbox(JailPlan& plan, const JailRequest& request) {
    if (!request.kernel.seccomp)
        return refuse("this kernel has no seccomp filters",
                      "; [isolation] sandbox = \"off\" contains crashes and hangs without them");
    const bool socket_files = request.names_socket && (request.needs & ME_NEED_NETWORK) != 0;
    plan.jail.seccomp =
        ME_TRY(seccomp_filter(request.needs, socket_files ? SocketFiles::all : SocketFiles::no));
    if (socket_files)
        ME_CHECK(weaken(plan, request.policy,
                        "weak_sandbox: a setting names a socket, so it can connect to every socket file that "
                        "its user can"));
    plan.jail.landlock = request.kernel.landlock_abi > 0;
    if (plan.jail.landlock)
        plan.jail.read_paths = readable(request);
    else if ((request.needs & kReaches) != 0)
        return weaken(plan, request.policy,
                      "weak_sandbox: without Landlock it can reach every file that its user can");
    return {};
}

}   // namespace

Result<JailPlan> plan_jail(const JailRequest& request) {
    JailPlan plan;
    if (request.sanitizer_build) {
        // Sanitizers map terabytes, start threads, and open what they like: only the process is left.
        plan.jail.needs = request.needs;
        plan.jail.user = request.user;
        plan.jail.group = request.group;
        plan.jail.file_bytes = std::numeric_limits<std::uint64_t>::max();
        ME_CHECK(weaken(plan, request.policy,
                        "weak_sandbox: this is a sanitizer build, without filters, Landlock and limits"));
        return plan;
    }
    ME_CHECK(plan_limits(plan, request));
    ME_CHECK(plan_programs(plan, request));
    if (request.policy == SandboxPolicy::off)
        plan.weaknesses.emplace_back("sandbox = \"off\": crashes and hangs are contained, exploits are not");
    else
        ME_CHECK(plan_sandbox(plan, request));
    return plan;
}

}   // namespace microengine::isolate
