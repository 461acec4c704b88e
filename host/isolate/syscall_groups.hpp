// SPDX-License-Identifier: MIT
#pragma once
// The table behind profile.hpp: which system calls each of the rights takes, and with which arguments.

#include <seccomp.h>

#include <array>
#include <cstdint>
#include <span>

namespace microengine::isolate {

/// A call that is allowed, or politely refused, depending on its arguments.
struct Rule {
    int call;
    std::uint32_t action = SCMP_ACT_ALLOW;
    unsigned count = 0;   // of `when`; none: always
    std::array<scmp_arg_cmp, 2> when{};
};
/// What some needs add.
struct Group {
    std::uint32_t any;    // of these needs one at least; 0: always
    std::uint32_t none;   // and of these not one, for they add something wider
    std::span<const int> allowed;
    std::span<const Rule> rules;
};

/// All of it, constant: for workers that start no programs. The rest kills.
[[nodiscard]] std::span<const Group> syscall_groups();
/// For workers that do, and for their programs, which inherit the filter. The rest is answered as a kernel
/// does that does not have it (ENOSYS): a program tries things, and goes on without.
[[nodiscard]] std::span<const Group> program_syscall_groups();
/// What ME_NEED_NETWORK adds to either.
[[nodiscard]] const Group& network_group();
/// And this: whether it may connect to socket files (AF_UNIX).
[[nodiscard]] const Rule& socket_file_rule(bool connects);

}   // namespace microengine::isolate
