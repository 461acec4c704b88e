// SPDX-License-Identifier: MIT
#pragma once
// What libyara keeps for the whole process, shared by all backends that are open. Any thread.

#include <cstdint>

namespace microengine::yara {

class Limits {
public:
    struct Wanted {
        std::uint32_t stack_size, max_strings_per_rule;
    };
    /// The stack is the largest that any open backend wants. Throws if another open backend has another
    /// max_strings_per_rule: with one for all, each would judge the other's rules. Needs a Library around it.
    explicit Limits(const Wanted& wanted);
    ~Limits();
    Limits(const Limits&) = delete;
    Limits& operator=(const Limits&) = delete;
};

}   // namespace microengine::yara
