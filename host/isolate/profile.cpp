// SPDX-License-Identifier: MIT
#include "host/isolate/profile.hpp"

#include "host/isolate/syscall_groups.hpp"
#include "host/util/unique_fd.hpp"

#include <microengine/plugin.h>

#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <string_view>

namespace microengine::isolate {

using util::Errc;
using util::Result;

namespace {

/// A filter in the making. Owns the library's context.
class Filter {
public:
    /// `rest`: what happens to a call that no rule is about.
    explicit Filter(std::uint32_t rest) : context_(::seccomp_init(rest)) {}
    ~Filter() {
        if (context_ != nullptr) ::seccomp_release(context_);
    }
    Filter(const Filter&) = delete;
    Filter& operator=(const Filter&) = delete;

    [[nodiscard]] Result<void> prepare() {
        if (context_ == nullptr) return util::fail_errno(Errc::unsupported, "seccomp", "no filter", ENOMEM);
        // Another architecture's numbers mean other calls.
        return check(::seccomp_attr_set(context_, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS));
    }
    [[nodiscard]] Result<void> add(const Rule& rule) {
        return check(
            ::seccomp_rule_add_array(context_, rule.action, rule.call, rule.count, rule.when.data()));
    }
    [[nodiscard]] Result<void> add(const Group& group) {
        for (const int call : group.allowed) ME_CHECK(add({.call = call}));
        for (const Rule& rule : group.rules) ME_CHECK(add(rule));
        return {};
    }
    [[nodiscard]] Result<std::string> records() const {
        const util::UniqueFd fd(::memfd_create("microengine-filter", MFD_CLOEXEC));
        if (!fd) return util::fail_errno(Errc::unsupported, "seccomp", "no memory file", errno);
        ME_CHECK(check(::seccomp_export_bpf(context_, fd.get())));
        const off_t size = ::lseek(fd.get(), 0, SEEK_END);
        std::string text(size > 0 ? static_cast<std::size_t>(size) : 0, '\0');
        if (size <= 0 || ::pread(fd.get(), text.data(), text.size(), 0) != size)
            return util::fail_errno(Errc::unsupported, "seccomp", "cannot read the filter back", errno);
        return text;
    }

private:
    static Result<void> check(int code) {
        if (code != 0) return util::fail_errno(Errc::unsupported, "seccomp", "cannot make a filter", -code);
        return {};
    }
    scmp_filter_ctx context_;
};

bool applies(const Group& group, std::uint32_t needs) {
    return (group.any == 0 || (needs & group.any) != 0) && (needs & group.none) == 0;
}

}   // namespace

Result<std::string> seccomp_filter(std::uint32_t needs, SocketFiles socket_files) {
    const bool programs = (needs & ME_NEED_PROGRAMS) != 0;
    Filter filter(programs ? SCMP_ACT_ERRNO(ENOSYS) : SCMP_ACT_KILL_PROCESS);
    ME_CHECK(filter.prepare());
    for (const Group& group : programs ? program_syscall_groups() : syscall_groups())
        if (applies(group, needs)) ME_CHECK(filter.add(group));
    if ((needs & ME_NEED_NETWORK) != 0)
        ME_CHECK(filter.add(socket_file_rule(socket_files == SocketFiles::all)));
    return filter.records();
}

}   // namespace microengine::isolate
